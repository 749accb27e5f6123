import type { Readable, Writable } from 'node:stream'
import { systemClock } from '../lib/clock.ts'
import { describeError } from '../lib/errors.ts'
import { asCalled, type ProgramName } from '../lib/program-name.ts'
import { wantsColor } from '../view/color.ts'
import { createFormatter } from '../view/format.ts'
import { readInput } from '../view/input.ts'
import { parseViewArguments, type ViewOptions, viewUsage } from '../view/options.ts'
import { createOutput, type Output } from '../view/output.ts'
import { type LeftOut, type ShowOptions, show } from '../view/show.ts'
import { yamlDocument } from '../view/yaml-document.ts'

/** The parts of a process that the command uses. */
export interface ViewIo {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable & { readonly isTTY?: boolean }
  readonly stderr: Writable
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted on SIGINT or SIGTERM. */
  readonly signal: AbortSignal
  readonly program?: ProgramName
}

/**
 * Shows entries to people. Resolves with the exit code: 0, also if the output was closed; 1 if the input cannot be read or the output not
 * written; 2 for invalid arguments; 130 if interrupted by a signal. Of the streams in `io`, closes only stdin.
 */
export async function view(argv: readonly string[], io: ViewIo): Promise<number> {
  const output = createOutput(io.stdout, io.signal)
  const complain = (message: string) => io.stderr.write(`loggy view: ${message}\n`)
  const request = parseViewArguments(argv, systemClock.now())
  switch (request.kind) {
    case 'help':
      await output.write(Buffer.from(asCalled(viewUsage, io.program)))
      return 0
    case 'faulty':
      for (const fault of request.faults) complain(fault)
      io.stderr.write(asCalled("See 'loggy view --help' for usage.\n", io.program))
      return 2
    case 'options':
      if (request.options.file === undefined && io.stdin.isTTY) {
        io.stderr.write(asCalled(viewUsage, io.program))
        return 2
      }
      return await viewEntries(request.options, io, { output, complain })
  }
}

async function viewEntries(
  options: ViewOptions,
  io: ViewIo,
  { output, complain }: { output: Output; complain: (message: string) => void },
): Promise<number> {
  const { signal, stdin, stdout, env } = io
  const { file, follow, filter, showAgent, utc } = options
  const color = wantsColor(options.color, { isTTY: stdout.isTTY ?? false, env })
  const format = formatOf(options.output, { color, utc })
  try {
    const input = readInput({ file, follow, stdin, clock: systemClock, signal, notify: complain })
    const leftOut = await show(input, output, { filter, format, showAgent })
    if (!output.isReaderGone) complainOfLeftOut(leftOut, complain)
    return signal.aborted ? 130 : 0
  } catch (error) {
    complain(describeError(error))
    return 1
  }
}

function formatOf(
  output: ViewOptions['output'],
  { color, utc }: { readonly color: boolean; readonly utc: boolean },
): ShowOptions['format'] {
  if (output === 'json') return undefined
  return output === 'yaml' ? yamlDocument : createFormatter({ output, color, utc })
}

function complainOfLeftOut({ foreignCount, overlongCount }: LeftOut, complain: (message: string) => void): void {
  if (foreignCount > 0) complain(`skipped ${lineCount(foreignCount)}: not an entry`)
  if (overlongCount > 0) complain(`skipped ${lineCount(overlongCount)}: too long to buffer`)
}

function lineCount(count: number): string {
  return count === 1 ? '1 line' : `${count} lines`
}
