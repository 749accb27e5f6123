import { basename } from 'node:path'

/** How a person calls the program: as a plugin of kubectl it is linked as `kubectl-loggy`, and called with a space. */
export type ProgramName = 'loggy' | 'kubectl loggy'

/** `path`: what the process was started as, links not followed. */
export function programName(path: string): ProgramName {
  return /^kubectl[-_]loggy/.test(basename(path)) ? 'kubectl loggy' : 'loggy'
}

/** Whether kubectl runs it to complete the arguments of its plugin: it looks for this name in PATH. */
export function isKubectlCompletion(path: string): boolean {
  return basename(path) === 'kubectl_complete-loggy'
}

/** Help as a person has to type it; in kubectl's own commands `loggy` is a namespace. */
export function asCalled(help: string, program: ProgramName = 'loggy'): string {
  return program === 'loggy' ? help : help.replaceAll(/(?<!-n )\bloggy (?=[A-Za-z]+(?: |'|$))/gm, `${program} `)
}
