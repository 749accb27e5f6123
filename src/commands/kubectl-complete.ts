import childProcess from 'node:child_process'
import { kubectlCompletion } from '../completion/kubectl.ts'
import { allCommands } from './all-commands.ts'

/** The parts of a process that it uses. */
export interface KubectlCompleteIo {
  readonly stdout: { write(text: string): unknown }
  readonly env: Readonly<Record<string, string | undefined>>
}

/** `kubectl_complete-loggy`: kubectl runs it to complete the last of the words behind `kubectl loggy`. */
export async function kubectlComplete(words: readonly string[], { stdout, env }: KubectlCompleteIo): Promise<number> {
  const ask = (argv: readonly string[]) =>
    new Promise<string>((resolve) => {
      // A kubectl that fails has no names to offer. Whoever presses a key wants no message then.
      childProcess.execFile('kubectl', argv, { env: { ...env } }, (error, text) => resolve(error === null ? text : ''))
    })
  stdout.write(await kubectlCompletion(allCommands, words, ask))
  return 0
}
