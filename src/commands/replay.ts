import { resolve } from 'node:path'
import { createSink } from '../agent/create-sink.ts'
import { ConfigError } from '../config/config-error.ts'
import { runFlags } from '../config/flags.ts'
import { loadConfig } from '../config/load.ts'
import type { Config } from '../config/schema.ts'
import { type ReadLetter, readDeadLetter } from '../delivery/dead-letter.ts'
import { Delivery } from '../delivery/delivery.ts'
import { type Piece, piecesFromEnd, setLettersAside } from '../delivery/replay-files.ts'
import { entryOf } from '../formats/loggy-record.ts'
import { AppendFile } from '../lib/append-file.ts'
import { type Flags, readArguments } from '../lib/arguments.ts'
import { systemClock } from '../lib/clock.ts'
import { describeError } from '../lib/errors.ts'
import { lockName } from '../lib/lock-name.ts'
import { asCalled, type ProgramName } from '../lib/program-name.ts'
import type { Batch } from '../model/batch.ts'
import type { Format } from '../model/sink.ts'
import { createLog } from '../telemetry/log.ts'

/** The parts of a process that the command uses. */
export interface ReplayIo {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: { write(text: string): unknown }
  readonly stderr: NodeJS.WritableStream
  /** Stops the replay; what is not sent yet is kept. */
  readonly signal: AbortSignal
  readonly program?: ProgramName
}

/** Milliseconds to retry entries before they are kept: a person is waiting. */
const RETRY_MS = 10_000
const NEWLINE = Buffer.from('\n')

const usage = `Usage: loggy replay FILE [--sink NAME] [--config FILE] [OPTION…]

Sends the entries of a dead letter file again, to the sink of the configuration. Entries that are refused again or not accepted within
${RETRY_MS / 1000} s stay in FILE, and so do lines that are no entries. The command can be stopped and run again at any time; after SIGKILL, up to
1 MiB may be sent twice.

  --sink NAME    send only entries that this sink refused; a sink's name is its type
  --config FILE  the configuration of the agent
`

export const replayFlags = {
  ...runFlags,
  sink: { type: 'string', value: 'NAME', help: 'send only entries that this sink refused' },
} as const satisfies Flags

/** `loggy replay`: resolves with the exit code: 0 if all was sent, 1 if anything is left, 2 for invalid arguments or configuration. */
export async function replay(argv: readonly string[], io: ReplayIo): Promise<number> {
  const request = readArguments(argv, {
    flags: replayFlags,
    read({ values, positionals, faults }) {
      const [path, ...others] = positionals
      const { sink, ...flags }: Readonly<Record<string, unknown>> = values
      if (path !== undefined && others.length === 0)
        return { path, sink: sink === undefined ? undefined : String(sink), flags }
      faults.push('expected one FILE')
      return undefined
    },
  })
  if (request.kind === 'help') io.stdout.write(asCalled(usage, io.program))
  if (request.kind === 'help') return 0
  if (request.kind === 'faulty') {
    complain(io, request.faults)
    io.stderr.write(asCalled("See 'loggy replay --help' for usage.\n", io.program))
    return 2
  }
  const { path, sink, flags } = request.options
  try {
    const file = typeof flags.config === 'string' ? flags.config : undefined
    const config = await loadConfig({ file, env: io.env, flags })
    const isKnown = sink === undefined || sink === config.sink.type
    if (!isKnown) return complain(io, [`no sink is called '${sink}': the configuration has '${config.sink.type}'`])
    return await replayFile({ path, config, sink: config.sink.type }, io)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return complain(io, [error.format()])
  }
}

function complain({ stderr }: ReplayIo, faults: readonly string[]): number {
  for (const fault of faults) stderr.write(`loggy replay: ${fault}\n`)
  return 2
}

interface Order {
  readonly path: string
  readonly config: Config
  /** Only entries that this sink refused are sent. */
  readonly sink: string
}

async function replayFile(order: Order, { env, stdout, stderr, signal }: ReplayIo): Promise<number> {
  const { path, config } = order
  const unlock = await lockName(`replay ${resolve(path)}`)
  if (unlock === undefined) {
    stderr.write(`loggy replay: another replay of ${path} is running\n`)
    return 1
  }
  const log = createLog('warn', stderr)
  const parts = { env, clock: systemClock, log, stateDirectory: config.state.directory }
  // Entries that are refused again go back to the file, which is never rotated here.
  const sink = { ...(await createSink(config.sink, parts)), retryFor: RETRY_MS, deadLetter: { path, maxBytes: 0 } }
  const sender = new Sender(new Delivery(sink, { clock: systemClock, log, onAck: () => {} }), signal)
  const { format } = sink
  const kept = new AppendFile(path, { rotate: { maxBytes: 0, keep: 1 }, fsync: true })
  const counts = { sent: 0, refused: 0, kept: 0 }
  let fault: unknown
  try {
    const letters = setLettersAside(path)
    if (letters.length === 0) stderr.write(`loggy replay: ${path} does not exist: nothing to send\n`)
    for (const aside of letters) {
      for (const piece of piecesFromEnd(aside)) await replayPiece(piece, order, { format, sender, kept, counts })
    }
  } catch (error) {
    fault = error
    stderr.write(
      `loggy replay: ${signal.aborted ? 'stopped; entries that were not sent are kept' : describeError(error)}\n`,
    )
  } finally {
    kept.close()
    await sender.close()
    unlock()
  }
  const left = counts.refused + counts.kept
  stdout.write(`${counts.sent} sent, ${counts.refused} refused again, ${counts.kept} kept unsent\n`)
  if (left > 0) stdout.write(`${path} has the entries that were not sent\n`)
  return fault === undefined && left === 0 ? 0 : 1
}

interface PieceParts {
  readonly format: Format
  readonly sender: Sender
  /** The file for entries that are not sent. */
  readonly kept: AppendFile
  readonly counts: { sent: number; refused: number; kept: number }
}

async function replayPiece(
  { lines, done }: Piece,
  { sink }: Order,
  { format, sender, kept, counts }: PieceParts,
): Promise<void> {
  const letters = lines.map((line) => ({ line, letter: readDeadLetter(line) }))
  const read = letters.map(({ line, letter }) => {
    const entry = letter !== undefined && isOf(letter, sink) ? entryOf(letter.record, format, letter.tenant) : undefined
    return { line, letter: entry && { ...entry, tenant: letter?.tenant ?? '' } }
  })
  const other = read.filter(({ letter }) => letter === undefined)
  const wanted = read.flatMap(({ letter }) => letter ?? [])
  for (const [tenant, ofTenant] of Map.groupBy(wanted, (letter) => letter.tenant)) {
    const refused = await sender.send(tenant, ofTenant)
    counts.refused += refused
    counts.sent += ofTenant.length - refused
  }
  if (other.length > 0) await kept.append(Buffer.concat(other.flatMap(({ line }) => [line, NEWLINE])))
  counts.kept += other.length
  done()
}

/** Entries of another sink are kept: they may be from an agent with another configuration. An entry that names no sink is sent. */
function isOf(letter: ReadLetter, sink: string): boolean {
  return letter.sink === sink || letter.sink === ''
}

/** An entry of the sink's format, and its container's head: see Program. */
interface Entry {
  readonly bytes: Uint8Array
  readonly head: Uint8Array
}

/** Neighbours of one container have one head, and all of its heads are the same object, as in batches of the agent. */
function headsOf(entries: readonly Entry[]): Batch['heads'] {
  const known = new Map<string, Uint8Array>()
  const heads: { readonly head: Uint8Array; to: number }[] = []
  for (const [place, entry] of entries.entries()) {
    const text = Buffer.from(entry.head).toString('latin1')
    const head = known.get(text) ?? entry.head
    known.set(text, head)
    const last = heads.at(-1)
    if (last?.head === head) last.to = place + 1
    else heads.push({ head, to: place + 1 })
  }
  return heads
}

/** Sends entries batch by batch, and waits for each. */
class Sender {
  readonly #delivery: Delivery
  readonly #signal: AbortSignal

  constructor(delivery: Delivery, signal: AbortSignal) {
    this.#delivery = delivery
    this.#signal = signal
    signal.addEventListener('abort', () => delivery.poke())
  }

  /** Resolves, when all are sent or refused, with the number of those refused. Rejects when the signal aborts. */
  async send(partition: string, entries: readonly Entry[]): Promise<number> {
    let [refused, end] = [0, 0]
    const batch: Batch = {
      partition,
      bytes: Buffer.concat(entries.map(({ bytes }) => bytes)),
      entryCount: entries.length,
      ends: Uint32Array.from(entries, ({ bytes }) => {
        end += bytes.length
        return end
      }),
      heads: headsOf(entries),
      positions: new Map(),
      bury: (places) => {
        refused += [...places].length
      },
    }
    this.#delivery.send(batch)
    while (!this.#delivery.isDrained) {
      this.#signal.throwIfAborted()
      await this.#delivery.changed()
    }
    this.#signal.throwIfAborted()
    return refused
  }

  close(): Promise<void> {
    return this.#delivery.close()
  }
}
