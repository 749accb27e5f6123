import { readFileSync } from 'node:fs'

/** How many files this process may have open; Infinity where the system does not say, or sets no limit. Source: proc(5). */
export function descriptorLimit(): number {
  try {
    const soft = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
    return soft === undefined || soft === 'unlimited' ? Infinity : Number(soft)
  } catch {
    return Infinity // not Linux; a limit that is met is still noticed by its error
  }
}

/** Whether no descriptor is left: for this process, or on the whole machine. */
export function isOutOfDescriptors(code: string | undefined): boolean {
  return code === 'EMFILE' || code === 'ENFILE'
}
