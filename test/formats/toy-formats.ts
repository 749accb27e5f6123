import { decodeMulti } from '@msgpack/msgpack'
import { otlp } from '../../src/formats/otlp/otlp.ts'
import type { Op, Program } from '../../src/model/program.ts'
import type { Resource } from '../../src/model/resource.ts'
import type { Format, Group } from '../../src/model/sink.ts'
import { decodeOtlp, type OtlpRecord } from './otlp/decode-otlp.ts'

// A format of each kind that there is a destination for, as far as programs and frames go. Nothing else of the program knows of them.

/** What any of them says of a record. */
export interface Told {
  readonly body: string
  /** As the runtime wrote it, or nanoseconds. */
  readonly time: string | bigint
  readonly stream?: string | undefined
  readonly id?: string | undefined
  readonly level?: string | undefined
  readonly partial?: boolean | undefined
  readonly malformed?: boolean | undefined
  readonly originalBytes?: number | undefined
  readonly lost?: string | undefined
}

export interface ToyFormat {
  readonly name: string
  readonly format: Pick<Format, 'compile' | 'frame'>
  /** A request has all records of a container before those of the next one. */
  readonly isByContainer?: true
  /** What is in the body of a request, by an independent decoder. */
  decode(body: Buffer): { readonly pod: string | undefined; readonly records: readonly Told[] }[]
}

const NONE = new Uint8Array(0)
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']

function lit(...parts: readonly (string | number | Uint8Array)[]): Op {
  const bytes = parts.map((part) => (typeof part === 'number' ? Buffer.of(part) : Buffer.from(part)))
  return { op: 'literal', bytes: Buffer.concat(bytes) }
}

function levels(write: (level: string, place: number) => Uint8Array): Op {
  return { op: 'level', literals: [NONE, ...LEVELS.map(write)] }
}

function when(is: 'partial' | 'malformed' | 'truncated' | 'lost', ...ops: Op[]): Op {
  return { op: 'if', when: { is }, ops }
}

function streams(write: (stream: string) => Op): Op[] {
  return (['stdout', 'stderr', 'unknown'] as const).map((stream) => ({
    op: 'if',
    when: { stream },
    ops: [write(stream)],
  }))
}

const podOf = ({ kubernetes }: Resource) => String(kubernetes.pod)
const withoutHead = (ops: readonly Op[]): Program => ({ ops, head: NONE })
const piecesOf = (groups: readonly Group[]) => groups.flatMap(({ pieces }) => pieces)

/** The members of a JSON object in another schema than Loggy's own. */
function ecsMembers(resource: Resource): Op[] {
  return [
    lit('"@timestamp":"'),
    { op: 'time', as: 'written' },
    lit('","message":"'),
    { op: 'body', as: 'string' },
    lit('"'),
    levels((level) => Buffer.from(`,"log.level":"${level}"`)),
    ...streams((stream) => lit(`,"stream":"${stream}"`)),
    when('partial', lit(',"partial":true')),
    when('malformed', lit(',"malformed":true')),
    when('truncated', lit(',"size":'), { op: 'original-bytes', as: 'decimal' }),
    when('lost', lit(',"lost":'), { op: 'note' }),
    lit(`,"pod":${JSON.stringify(podOf(resource))}`),
  ]
}

function readEcs(text: string, id?: string) {
  const json = JSON.parse(text)
  return {
    pod: json.pod as string,
    records: [
      {
        body: json.message,
        time: json['@timestamp'],
        stream: json.stream,
        id,
        level: json['log.level'],
        partial: json.partial,
        malformed: json.malformed,
        originalBytes: json.size,
        lost: json.lost === undefined ? undefined : JSON.stringify(json.lost),
      },
    ],
  }
}

const linesOf = (body: Buffer) => body.toString().split('\n').slice(0, -1)

const ecsLines: ToyFormat = {
  name: 'NDJSON of another schema',
  format: {
    compile: (resource) => withoutHead([lit('{'), ...ecsMembers(resource), lit('}\n')]),
    frame: piecesOf,
  },
  decode: (body) => linesOf(body).map((line) => readEcs(line)),
}

const bulk: ToyFormat = {
  name: 'two lines for each record',
  format: {
    compile: (resource) =>
      withoutHead([lit('{"create":{"_id":"'), { op: 'record-id' }, lit('"}}\n{'), ...ecsMembers(resource), lit('}\n')]),
    frame: piecesOf,
  },
  decode: (body) => {
    const lines = linesOf(body)
    return lines.flatMap((line, index) =>
      index % 2 === 0 ? [readEcs(String(lines[index + 1]), JSON.parse(line).create._id)] : [],
    )
  },
}

const array: ToyFormat = {
  name: 'JSON arrays',
  format: {
    compile: (resource) => withoutHead([lit(',{'), ...ecsMembers(resource), lit('}')]),
    frame: (groups) => {
      const [first = NONE, ...others] = piecesOf(groups)
      return [Buffer.from('['), first.subarray(1), ...others, Buffer.from(']')]
    },
  },
  decode: (body) => JSON.parse(body.toString()).map((json: object) => readEcs(JSON.stringify(json))),
}

const plain: ToyFormat = {
  name: 'plain lines',
  format: {
    compile: () =>
      withoutHead([{ op: 'time', as: 'decimal', unit: 'ms' }, lit(' '), { op: 'body', as: 'raw' }, lit('\n')]),
    frame: piecesOf,
  },
  // Bodies of docker's records may have newlines; a record begins with its time.
  decode: (body) => {
    const records = body
      .toString()
      .slice(0, -1)
      .split(/\n(?=\d{13} )/)
    return records.map((record) => ({
      pod: undefined,
      records: [{ time: BigInt(record.slice(0, 13)) * 1_000_000n, body: record.slice(14) }],
    }))
  },
}

/** The real one. */
const protobuf: ToyFormat = {
  name: 'protobuf with one resource for each container',
  format: otlp,
  isByContainer: true,
  decode: (body) =>
    decodeOtlp(body).map(({ resource, records }) => ({
      pod: String(resource['k8s.pod.name']),
      records: records.map(readOtlpRecord),
    })),
}

function readOtlpRecord({ time, severityNumber, severityText, body, attributes }: OtlpRecord): Told {
  const level = severityNumber === 0 ? undefined : LEVELS[(severityNumber - 1) / 4]
  const text = (name: string) => attributes[name] as string | undefined
  return {
    body: String(body),
    time,
    stream: text('log.iostream') ?? 'unknown',
    id: text('log.record.uid'),
    level:
      (level === undefined) === (severityText === '') ? level : 'a word without a number, or a number without a word',
    partial: attributes['loggy.partial'] === true || undefined,
    malformed: attributes['loggy.malformed'] === true || undefined,
    originalBytes: attributes['loggy.originalBytes'] as number | undefined,
    lost: text('loggy.lost'),
  }
}

const msgpack: ToyFormat = {
  name: 'msgpack',
  format: {
    compile: (resource) =>
      withoutHead([
        lit(0x93, 0xcf), // an array of three: time, stream, body
        { op: 'time', as: 'uint64-be', unit: 'ns' },
        ...streams((stream) => lit(0xa0 | stream.length, stream)),
        lit(0xc6), // bytes: a string's decoder would drop a byte order mark
        { op: 'prefix', as: 'uint32-be', ops: [{ op: 'body', as: 'raw' }] },
        lit(0xd9),
        { op: 'prefix', as: 'byte', ops: [lit(podOf(resource).slice(0, 200))] },
      ]),
    frame: piecesOf,
  },
  decode: (body) => {
    const values = [...decodeMulti(body, { useBigInt64: true })]
    const pods = values.filter((_, index) => index % 2 === 1) as string[]
    const records = values.filter((_, index) => index % 2 === 0) as [bigint, string, Uint8Array][]
    return records.map(([time, stream, text], index) => ({
      pod: pods[index],
      records: [{ time, stream, body: Buffer.from(text).toString() }],
    }))
  },
}

export const toyFormats: readonly ToyFormat[] = [ecsLines, bulk, array, plain, protobuf, msgpack]
