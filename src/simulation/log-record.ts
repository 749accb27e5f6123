import type { StreamName } from '../model/stream-name.ts'

/** The container runtime, which determines the format of the log files. */
export type ContainerRuntime = 'containerd' | 'cri-o' | 'docker'

/** Output that a container wrote in one call. */
export interface Output {
  readonly stream: StreamName
  readonly content: Uint8Array
  /** Whether a newline followed; without one, the runtime writes only partial records. */
  readonly isWhole: boolean
}

interface RecordFormat {
  /** Maximum bytes of content in one record. */
  readonly limit: number
  /** Whether the newline counts as one of those bytes: then a line of exactly `limit` bytes is split into itself and an empty rest. */
  readonly newlineCounts: boolean
  readonly dropsCarriageReturn: boolean
  encode(piece: Uint8Array, record: { stream: StreamName; isPartial: boolean; time: bigint }): Buffer
}

const formats: Record<ContainerRuntime, RecordFormat> = {
  // max_container_log_line_size, and internal/cri/io/logger.go
  containerd: {
    limit: 16_384,
    newlineCounts: false,
    dropsCarriageReturn: true,
    encode: (piece, { stream, isPartial, time }) =>
      criRecord(piece, `${rfc3339Nano(time)} ${stream} ${tagOf({ isPartial })} `),
  },
  // conmon: STDIO_BUF_SIZE; each read without a newline becomes one partial record
  'cri-o': {
    limit: 8192,
    newlineCounts: true,
    dropsCarriageReturn: false,
    encode: (piece, { stream, isPartial, time }) =>
      criRecord(piece, `${conmonTime(time)} ${stream} ${tagOf({ isPartial })} `),
  },
  // moby: daemon/logger/copier.go
  docker: { limit: 16_384, newlineCounts: true, dropsCarriageReturn: false, encode: dockerRecord },
}

/** The records that a runtime writes for some output, each ending with a newline. `now` gives their times in nanoseconds since 1970. */
export function logRecords(
  runtime: ContainerRuntime,
  { now, ...output }: Output & { readonly now: () => bigint },
): Buffer[] {
  const format = formats[runtime]
  const pieces = cut(output, format)
  return pieces.map((piece, index) =>
    format.encode(piece, {
      stream: output.stream,
      isPartial: !output.isWhole || index < pieces.length - 1,
      time: now(),
    }),
  )
}

/** Nanoseconds since 1970 in Go's time.RFC3339Nano format: without trailing zeros in the fraction, and without a fraction of zero. */
export function rfc3339Nano(time: bigint): string {
  const fraction = fractionDigits(time).replace(/0+$/, '')
  return `${wholeSeconds(time)}${fraction === '' ? '' : `.${fraction}`}Z`
}

function conmonTime(time: bigint): string {
  return `${wholeSeconds(time)}.${fractionDigits(time)}+00:00`
}

function wholeSeconds(time: bigint): string {
  return new Date(Number(time / 1_000_000n)).toISOString().slice(0, 19)
}

function fractionDigits(time: bigint): string {
  return (time % 1_000_000_000n).toString().padStart(9, '0')
}

function tagOf({ isPartial }: { readonly isPartial: boolean }): string {
  return isPartial ? 'P' : 'F'
}

function cut({ content, isWhole }: Output, format: RecordFormat): Uint8Array[] {
  const hasCarriageReturn = format.dropsCarriageReturn && isWhole && content.at(-1) === 0x0d
  const rest = hasCarriageReturn ? content.subarray(0, -1) : content
  const pieces: Uint8Array[] = []
  for (let start = 0; start < rest.length; start += format.limit) {
    pieces.push(rest.subarray(start, start + format.limit))
  }
  const newlineStandsAlone = format.newlineCounts ? rest.length % format.limit === 0 : rest.length === 0
  if (isWhole && newlineStandsAlone) pieces.push(new Uint8Array(0))
  return pieces
}

function criRecord(piece: Uint8Array, header: string): Buffer {
  return Buffer.concat([Buffer.from(header), piece, Buffer.from('\n')])
}

function dockerRecord(piece: Uint8Array, record: { stream: StreamName; isPartial: boolean; time: bigint }): Buffer {
  const log = Buffer.from(piece).toString('utf8') + (record.isPartial ? '' : '\n')
  const json = JSON.stringify({ log, stream: record.stream, time: rfc3339Nano(record.time) })
  // Go escapes characters that are special in HTML and JavaScript.
  return Buffer.from(`${json.replace(/[<>&\u2028\u2029]/g, unicodeEscape)}\n`)
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
