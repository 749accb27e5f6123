import { timeOfNanoseconds } from '../nanoseconds.ts'
import { parseEntry, resourceIn } from './program.ts'

/** The line that stands for lost bytes, as `Pipeline` writes it. */
const LOSS = /^loggy: (?:(\d+)|an unknown number of) bytes of this log are lost: (.*)$/s

/** An entry and its head as one JSON object in schema `loggy`: what `compileLoki` writes, read back. */
export function recordOf(entry: Uint8Array, head: Uint8Array): Buffer {
  const { time, line, own } = parseEntry(entry)
  const { fields, kubernetes } = resourceIn(head)
  const isTrue = (name: string) => (own[name] === 'true' ? true : undefined)
  const numberOf = (name: string) => (own[name] === undefined ? undefined : Number(own[name]))
  const record = {
    id: own.id,
    time: timeOfNanoseconds(BigInt(time)),
    stream: own.stream,
    level: own.level,
    log: line,
    malformed: isTrue('malformed'),
    partial: isTrue('partial'),
    lost: isTrue('lost') && lossIn(line),
    truncated: isTrue('truncated'),
    originalBytes: numberOf('originalBytes'),
    lines: numberOf('lines'),
    ...fields,
    kubernetes,
  }
  return Buffer.from(JSON.stringify(record))
}

function lossIn(line: string) {
  const [, bytes, reason] = LOSS.exec(line) ?? []
  return { bytes: bytes === undefined ? undefined : Number(bytes), reason }
}
