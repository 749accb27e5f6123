import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** A command that failed; its output is on the terminal. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly code = 'E2E_COMMAND'
}

/** What all commands of a run have in common. */
export interface Shell {
  readonly env: NodeJS.ProcessEnv
  readonly say: (text: string) => void
  /** Ends the run; what clears away runs on. */
  readonly signal: AbortSignal
  /** Where the output of commands goes. */
  readonly output: 'inherit' | 'ignore'
}

/** Runs the command with the terminal as its output; resolves with its exit code, null when a signal ended it. */
export async function exitCodeOf(argv: readonly string[], { env, say, signal, output }: Shell): Promise<number | null> {
  const [command = '', ...args] = argv
  say(`$ ${argv.join(' ')}`)
  const child = spawn(command, args, { env, stdio: ['ignore', output, output] })
  const end = () => child.kill()
  signal.addEventListener('abort', end)
  try {
    const [code] = await once(child, 'close')
    return code
  } finally {
    signal.removeEventListener('abort', end)
  }
}

/** The same for a command that must not fail. */
export async function mustRun(argv: readonly string[], shell: Shell): Promise<void> {
  shell.signal.throwIfAborted()
  const code = await exitCodeOf(argv, shell)
  if (code !== 0) throw new CommandError(`failed with ${code ?? 'a signal'}: ${argv.join(' ')}`)
}

/** The same shell for what must be done although the run was stopped. */
export function unstoppable(shell: Shell): Shell {
  return { ...shell, signal: new AbortController().signal }
}
