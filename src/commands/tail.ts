import type { Writable } from 'node:stream'
import { connect } from '../ask/access.ts'
import { advise } from '../ask/advice.ts'
import { AgentError } from '../ask/agent-error.ts'
import { tail as followAll } from '../ask/tail.ts'
import { parseTailArguments, type TailOptions, tailUsage } from '../ask/tail-options.ts'
import { systemClock } from '../lib/clock.ts'
import { wantsColor } from '../view/color.ts'
import { createFormatter } from '../view/format.ts'
import { createOutput, type Output } from '../view/output.ts'
import { terminalText } from '../view/terminal-text.ts'

/** The parts of a process that the command uses. */
export interface TailIo {
  readonly stdout: Writable & { readonly isTTY?: boolean }
  readonly stderr: Writable
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted on SIGINT or SIGTERM. */
  readonly signal: AbortSignal
}

/**
 * Shows the entries of all nodes. Resolves with the exit code: 0 if the output was closed; 1 if the cluster cannot be reached or refuses;
 * 2 for invalid arguments, also those that only agents can check; 130 if interrupted by a signal.
 */
export async function tail(argv: readonly string[], io: TailIo): Promise<number> {
  const output = createOutput(io.stdout, io.signal)
  const complain = (message: string) => io.stderr.write(`loggy tail: ${terminalText(message)}\n`)
  const request = parseTailArguments(argv)
  switch (request.kind) {
    case 'help':
      await output.write(Buffer.from(tailUsage))
      return 0
    case 'faulty':
      for (const fault of request.faults) complain(fault)
      io.stderr.write("Try 'loggy tail --help'.\n")
      return 2
    case 'options':
      return await tailEntries(request.options, io, { output, complain })
  }
}

async function tailEntries(
  { query, output: form, color, utc, access }: TailOptions,
  { stdout, env, signal }: TailIo,
  { output, complain }: { readonly output: Output; readonly complain: (message: string) => void },
): Promise<number> {
  const isColored = wantsColor(color, { isTTY: stdout.isTTY ?? false, env })
  const format = form === 'json' ? undefined : createFormatter({ output: form, color: isColored, utc })
  try {
    const client = connect(access, { env, clock: systemClock })
    await followAll({ client, access, query, output, format, notify: complain, clock: systemClock, signal })
    return signal.aborted ? 130 : 0
  } catch (error) {
    if (signal.aborted) return 130
    for (const sentence of advise(error)) complain(sentence)
    return error instanceof AgentError && error.isInvalidRequest ? 2 : 1
  }
}
