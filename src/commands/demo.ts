import type { Writable } from 'node:stream'
import type { Entry } from '../entry/entry.ts'
import {
  type Flags,
  flagsHelp,
  oneOf,
  type ParsedArguments,
  readArguments,
  refusePositionals,
} from '../lib/arguments.ts'
import { systemClock } from '../lib/clock.ts'
import { asCalled, type ProgramName } from '../lib/program-name.ts'
import { type AgentEnd, AgentProcess } from '../simulation/agent-process.ts'
import { DemoNode } from '../simulation/demo-node.ts'
import { createPainter, wantsColor } from '../view/color.ts'
import { createFormatter } from '../view/format.ts'
import { createOutput } from '../view/output.ts'
import { type ShowOptions, show } from '../view/show.ts'
import { terminalText } from '../view/terminal-text.ts'

/** The parts of a process that the command uses. */
export interface DemoIo {
  readonly stdout: Writable & { readonly isTTY?: boolean }
  readonly stderr: Writable & { readonly isTTY?: boolean }
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted on SIGINT or SIGTERM. */
  readonly signal: AbortSignal
  /** The Node program, and the file with which it runs Loggy; both are used to start the agent. */
  readonly execPath: string
  readonly mainPath: string
  readonly program?: ProgramName
}

const outputs = ['text', 'wide', 'json'] as const

interface DemoOptions {
  readonly output: (typeof outputs)[number]
  /** Undefined: until it is stopped. */
  readonly seconds: number | undefined
  readonly linesPerSecond: number
}

export const demoFlags = {
  json: { type: 'boolean', help: 'raw entries, one JSON object per line; the same as --output json' },
  output: { type: 'string', short: 'o', value: 'FORMAT', choices: outputs, help: 'text, wide or json (default text)' },
  rate: { type: 'string', value: 'N', help: 'lines per second, 1 to 10000 (default 30)' },
  seconds: { type: 'string', value: 'N', help: 'end after that time (default: at Ctrl-C)' },
} as const satisfies Flags

const usage = `Usage: loggy demo [options]

Runs the real agent on a simulated node: no cluster needed.

${flagsHelp(demoFlags)}`

const introduction = `A simulated node: pods in the namespaces shop and data write real log files, as with a kubelet and containerd, with rotation, restarts,
partial lines and changing labels. An API server on 127.0.0.1 has their metadata. The entries below come from the real agent.
--output wide shows labels, --json shows everything; Ctrl-C ends the demo.
`

/** Characters of a log to show; some of the demo's lines have tens of thousands, so that the runtime splits them. */
const SHOWN_CHARACTERS = 400

/** Milliseconds that a paused reader has to take the last entries when the demo ends. */
const LAST_ENTRIES_MS = 3000

/**
 * Shows the entries of the real agent on a simulated node. Resolves with the exit code: 0 if it was ended by a signal, the time or a closed
 * output; 1 if the agent failed; 2 for invalid arguments.
 */
export async function demo(argv: readonly string[], io: DemoIo): Promise<number> {
  const request = parseArguments(argv)
  switch (request.kind) {
    case 'help':
      io.stdout.write(asCalled(usage, io.program))
      return 0
    case 'faulty':
      for (const fault of request.faults) io.stderr.write(`loggy demo: ${fault}\n`)
      io.stderr.write(asCalled("See 'loggy demo --help' for usage.\n", io.program))
      return 2
    case 'options':
      return await showDemo(request.options, io)
  }
}

async function showDemo(options: DemoOptions, io: DemoIo): Promise<number> {
  const stop =
    options.seconds === undefined
      ? io.signal
      : AbortSignal.any([io.signal, AbortSignal.timeout(options.seconds * 1000)])
  const output = createOutput(io.stdout, soonAfter(stop))
  if (options.output === 'json') io.stderr.write(introduction)
  else await output.write(Buffer.from(introduction))
  const remark = createRemark(io)
  const { linesPerSecond } = options
  const node = await DemoNode.start({ clock: systemClock, seed: systemClock.now(), linesPerSecond, onEvent: remark })
  remark(`the live page: ${node.pageUrl}`)
  try {
    const end = await runAgent(node, stop, {
      io,
      remark,
      show: (chunks) => show(chunks, output, showOptions(options, io)),
    })
    // A Ctrl-C also reaches the agent, which may end before this process gets the signal: a clean end is no failure.
    const hasReader = await output.write(new Uint8Array(0))
    if (stop.aborted || !hasReader || end.isClean) return 0
    io.stderr.write(`loggy demo: the agent ended (${end.reason}). Its last output:\n${end.lastOutput}\n`)
    return 1
  } finally {
    await node.close()
  }
}

type ShowChunks = (chunks: AsyncIterable<Uint8Array>) => Promise<unknown>

/** Runs the agent until the demo is stopped, the output is closed, or the agent ends by itself. */
async function runAgent(
  node: DemoNode,
  stop: AbortSignal,
  { io, remark, show }: { io: DemoIo; remark: (text: string) => void; show: ShowChunks },
): Promise<AgentEnd> {
  const { execPath, mainPath } = io
  const { configPath } = node
  const agent = new AgentProcess({ execPath, mainPath, configPath, env: withoutOptions(io.env), onTrouble: remark })
  const over = new AbortController()
  const shown = show(agent.stdout)
  try {
    await Promise.race([node.live(AbortSignal.any([stop, over.signal])), agent.ended, shown])
  } finally {
    over.abort()
    await agent.stop()
  }
  await shown
  return await agent.ended
}

/** Aborts a moment after the demo is stopped, so that a paused reader can still take the last entries. */
function soonAfter(stop: AbortSignal): AbortSignal {
  const late = new AbortController()
  stop.addEventListener('abort', () => setTimeout(() => late.abort(), LAST_ENTRIES_MS).unref())
  return late.signal
}

function showOptions(options: DemoOptions, { stdout, env }: DemoIo): ShowOptions {
  const { output } = options
  if (output === 'json') return { filter: undefined, format: undefined, showAgent: false }
  const format = createFormatter({ output, color: wantsColor('auto', { isTTY: stdout.isTTY ?? false, env }) })
  return { filter: undefined, format: (entry) => format(shortened(entry)), showAgent: false }
}

function shortened(entry: Entry): Entry {
  const { log } = entry
  if (log.length <= SHOWN_CHARACTERS) return entry
  return { ...entry, log: `${log.slice(0, SHOWN_CHARACTERS).toWellFormed()}… (${log.length} characters)` }
}

/** Writes remarks about the demo where they do not disturb the entries. */
function createRemark({ stderr, env }: DemoIo): (text: string) => void {
  const paint = createPainter({ color: wantsColor('auto', { isTTY: stderr.isTTY ?? false, env }) })
  return (text) => stderr.write(`${paint.dim(`· ${terminalText(text)}`)}\n`)
}

/** Without Loggy's options: they are not meant for the demo's agent. */
function withoutOptions(env: DemoIo['env']): DemoIo['env'] {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('LOGGY_')))
}

function parseArguments(argv: readonly string[]): ParsedArguments<DemoOptions> {
  return readArguments(argv, {
    flags: demoFlags,
    read(given) {
      refusePositionals(given)
      const { values, parsed } = given
      return {
        output: values.json ? 'json' : (parsed('output', values.output, (text) => oneOf(outputs, text)) ?? 'text'),
        seconds: parsed('seconds', values.seconds, parseSeconds),
        linesPerSecond: parsed('rate', values.rate, parseRate) ?? 30,
      }
    },
  })
}

function parseRate(text: string): number {
  const linesPerSecond = Number(text)
  if (!(linesPerSecond >= 1 && linesPerSecond <= 10_000)) throw new Error('expected a number from 1 to 10000')
  return linesPerSecond
}

function parseSeconds(text: string): number {
  const seconds = Number(text)
  if (!(seconds > 0 && seconds <= 86_400)) throw new Error('expected a number above 0, at most 86400')
  return seconds
}
