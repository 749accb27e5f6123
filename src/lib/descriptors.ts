import { readFileSync } from 'node:fs'

/** How many files this process may have open; Infinity if there is no limit or the system does not say. Source: proc(5). */
export function descriptorLimit(): number {
  try {
    const soft = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
    return soft === undefined || soft === 'unlimited' ? Infinity : Number(soft)
  } catch {
    return Infinity // Not Linux. Reaching the limit still shows as an error.
  }
}

/** Whether the error code means that no descriptor is left, for this process or on the whole machine. */
export function isOutOfDescriptors(code: string | undefined): boolean {
  return code === 'EMFILE' || code === 'ENFILE'
}
