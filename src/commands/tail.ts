import type { Writable } from 'node:stream'
import { connect } from '../ask/access.ts'
import { failure } from '../ask/advice.ts'
import { tail as followAll } from '../ask/tail.ts'
import { parseTailArguments, type TailOptions, tailUsage } from '../ask/tail-options.ts'
import { targetQuery } from '../ask/target.ts'
import { systemClock } from '../lib/clock.ts'
import { asCalled, type ProgramName } from '../lib/program-name.ts'
import { wantsColor } from '../view/color.ts'
import { createFormatter } from '../view/format.ts'
import { createOutput, type Output } from '../view/output.ts'
import { terminalText } from '../view/terminal-text.ts'
import { yamlDocument } from '../view/yaml-document.ts'

/** The parts of a process that the command uses. */
export interface TailIo {
  readonly stdout: Writable & { readonly isTTY?: boolean }
  readonly stderr: Writable
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted on SIGINT or SIGTERM. */
  readonly signal: AbortSignal
  readonly program?: ProgramName
}

/**
 * Shows the entries of all nodes. Resolves with the exit code: 0 if the output was closed; 1, as kubectl, if the cluster cannot be reached
 * or refuses, and for invalid arguments; 130 if interrupted by a signal.
 */
export async function tail(argv: readonly string[], io: TailIo): Promise<number> {
  const output = createOutput(io.stdout, io.signal)
  const complain = (line: string) => io.stderr.write(`${terminalText(line)}\n`)
  const request = parseTailArguments(argv)
  switch (request.kind) {
    case 'help':
      await output.write(Buffer.from(asCalled(tailUsage, io.program)))
      return 0
    case 'faulty':
      for (const fault of request.faults) complain(`error: ${fault}`)
      complain(asCalled("See 'loggy tail --help' for usage.", io.program))
      return 1
    case 'options':
      return await tailEntries(request.options, io, { output, complain })
  }
}

async function tailEntries(
  { target, query: given, output: form, color, utc, access }: TailOptions,
  { stdout, env, signal }: TailIo,
  { output, complain }: { readonly output: Output; readonly complain: (line: string) => void },
): Promise<number> {
  const isColored = wantsColor(color, { isTTY: stdout.isTTY ?? false, env })
  const format =
    form === 'text' || form === 'wide' ? createFormatter({ output: form, color: isColored, utc }) : undefined
  const notify = (message: string) => complain(`loggy tail: ${message}`)
  try {
    const client = connect(access, { env, clock: systemClock })
    const query = target === undefined ? given : { ...given, ...targetQuery(target, client.namespace) }
    const show = form === 'yaml' ? yamlDocument : format
    await followAll({ client, access, query, output, format: show, notify, clock: systemClock, signal })
    return signal.aborted ? 130 : 0
  } catch (error) {
    if (signal.aborted) return 130
    for (const line of failure(error)) complain(line)
    return 1
  }
}
