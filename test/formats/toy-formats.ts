import { decodeMulti } from '@msgpack/msgpack'
import protobuf from 'protobufjs'
import type { Op, Program } from '../../src/model/program.ts'
import type { Resource } from '../../src/model/resource.ts'
import type { Format, Group } from '../../src/model/sink.ts'

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
    when('lost', lit(',"lost":'), { op: 'lost' }),
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

/** A part of OpenTelemetry's `logs.proto`, with its numbers. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Request { repeated ResourceLogs resource_logs = 1; }
  message ResourceLogs { Resource resource = 1; repeated ScopeLogs scope_logs = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message ScopeLogs { repeated LogRecord log_records = 2; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue { oneof value { string string_value = 1; int64 int_value = 3; } }
  message LogRecord {
    fixed64 time_unix_nano = 1; int32 severity_number = 2; string severity_text = 3; AnyValue body = 5;
    repeated KeyValue attributes = 6;
  }`)
const request = root.lookupType('Request')

/** A field that is prefixed with its length. */
function field(number: number, ...ops: Op[]): Op[] {
  return [lit((number << 3) | 2), { op: 'prefix', as: 'varint', ops }]
}

function attribute(key: string, ...value: Op[]): Op[] {
  return field(6, ...field(1, lit(key)), ...field(2, ...value))
}

function varint(value: number): Buffer {
  return value < 128 ? Buffer.of(value) : Buffer.concat([Buffer.of((value & 127) | 128), varint(value >>> 7)])
}

const sized = (number: number, bytes: Uint8Array) =>
  Buffer.concat([Buffer.of((number << 3) | 2), varint(bytes.length), bytes])

const otlp: ToyFormat = {
  name: 'protobuf with one resource for each container',
  format: {
    compile: (resource) => {
      const value = sized(2, sized(1, Buffer.from(podOf(resource))))
      const head = sized(1, sized(1, Buffer.concat([sized(1, Buffer.from('k8s.pod.name')), value])))
      const ops = field(
        2,
        lit(0x09),
        { op: 'time', as: 'fixed64', unit: 'ns' },
        levels((level, place) => Buffer.concat([Buffer.of(0x10, place * 4 + 1), sized(3, Buffer.from(level))])),
        ...field(5, ...field(1, { op: 'body', as: 'raw' })),
        ...streams((stream) =>
          lit(sized(6, Buffer.concat([sized(1, Buffer.from('stream')), sized(2, sized(1, Buffer.from(stream)))]))),
        ),
        ...attribute('id', ...field(1, { op: 'record-id' })),
        when('partial', ...attribute('partial', ...field(1, lit('true')))),
        when('malformed', ...attribute('malformed', ...field(1, lit('true')))),
        when('truncated', ...attribute('size', lit(0x18), { op: 'original-bytes', as: 'varint' })),
        when('lost', ...attribute('lost', ...field(1, { op: 'lost' }))),
      )
      return { ops, head }
    },
    frame: (groups) =>
      groups.map(({ head, pieces }) => sized(1, Buffer.concat([head, sized(2, Buffer.concat(pieces))]))),
  },
  decode: (body) => {
    const { resourceLogs } = request.toObject(request.decode(body), { longs: String }) as Decoded
    return resourceLogs.map(({ resource, scopeLogs }) => ({
      pod: resource.attributes[0]?.value.stringValue,
      records: scopeLogs.flatMap(({ logRecords }) => logRecords.map(readRecord)),
    }))
  },
}

interface Attribute {
  readonly key: string
  readonly value: { readonly stringValue?: string; readonly intValue?: string }
}
interface DecodedRecord {
  readonly timeUnixNano: string
  readonly severityNumber?: number
  readonly severityText?: string
  readonly body: { readonly stringValue: string }
  readonly attributes: readonly Attribute[]
}
interface Decoded {
  readonly resourceLogs: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] }
    readonly scopeLogs: readonly { readonly logRecords: readonly DecodedRecord[] }[]
  }[]
}

function readRecord({ timeUnixNano, severityNumber, severityText, body, attributes }: DecodedRecord): Told {
  const text = (name: string) => attributes.find(({ key }) => key === name)?.value.stringValue
  const size = attributes.find(({ key }) => key === 'size')?.value.intValue
  const level = severityNumber === undefined ? undefined : LEVELS[(severityNumber - 1) / 4]
  return {
    body: body.stringValue,
    time: BigInt(timeUnixNano),
    stream: text('stream'),
    id: text('id'),
    level: level === severityText ? level : 'two of them',
    partial: text('partial') === 'true' || undefined,
    malformed: text('malformed') === 'true' || undefined,
    originalBytes: size === undefined ? undefined : Number(size),
    lost: text('lost'),
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

export const toyFormats: readonly ToyFormat[] = [ecsLines, bulk, array, plain, otlp, msgpack]
