import protobuf from 'protobufjs'

/** OpenTelemetry's messages, with their numbers. Source: opentelemetry-proto 1.9, logs.proto, common.proto, resource.proto, logs_service.proto */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message ExportLogsServiceRequest { repeated ResourceLogs resource_logs = 1; }
  message ResourceLogs { Resource resource = 1; repeated ScopeLogs scope_logs = 2; string schema_url = 3; }
  message Resource { repeated KeyValue attributes = 1; uint32 dropped_attributes_count = 2; }
  message ScopeLogs { InstrumentationScope scope = 1; repeated LogRecord log_records = 2; string schema_url = 3; }
  message InstrumentationScope { string name = 1; string version = 2; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message ArrayValue { repeated AnyValue values = 1; }
  message KeyValueList { repeated KeyValue values = 1; }
  message AnyValue {
    oneof value {
      string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4;
      ArrayValue array_value = 5; KeyValueList kvlist_value = 6; bytes bytes_value = 7;
    }
  }
  message LogRecord {
    fixed64 time_unix_nano = 1; int32 severity_number = 2; string severity_text = 3; AnyValue body = 5;
    repeated KeyValue attributes = 6; uint32 dropped_attributes_count = 7; fixed32 flags = 8; bytes trace_id = 9;
    bytes span_id = 10; fixed64 observed_time_unix_nano = 11; string event_name = 12;
  }
  message ExportLogsServiceResponse { ExportLogsPartialSuccess partial_success = 1; }
  message ExportLogsPartialSuccess { int64 rejected_log_records = 1; string error_message = 2; }
  message Status { int32 code = 1; string message = 2; }`)

/** In hexadecimal digits; empty where there is none. */
export interface TraceOfRecord {
  readonly traceId: string
  readonly spanId: string
  readonly flags: number
}

export interface OtlpRecord {
  readonly trace: TraceOfRecord
  readonly time: bigint
  readonly observedTime: bigint
  readonly severityNumber: number
  readonly severityText: string
  readonly body: unknown
  readonly attributes: Readonly<Record<string, unknown>>
}

export interface OtlpResource {
  readonly resource: Readonly<Record<string, unknown>>
  readonly records: readonly OtlpRecord[]
}

interface AnyValue {
  readonly stringValue?: string
  readonly boolValue?: boolean
  readonly intValue?: string
  readonly doubleValue?: number
  readonly arrayValue?: { readonly values?: readonly AnyValue[] }
  readonly kvlistValue?: { readonly values?: readonly KeyValue[] }
}
interface KeyValue {
  /** Absent for an empty one. */
  readonly key?: string
  readonly value: AnyValue
}
interface LogRecord {
  readonly traceId?: Uint8Array
  readonly spanId?: Uint8Array
  readonly flags?: number
  readonly timeUnixNano?: string
  readonly observedTimeUnixNano?: string
  readonly severityNumber?: number
  readonly severityText?: string
  readonly body: AnyValue
  readonly attributes?: readonly KeyValue[]
}
interface Decoded {
  readonly resourceLogs: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] }
    readonly scopeLogs: readonly { readonly logRecords: readonly LogRecord[] }[]
  }[]
}

interface DecodeOptions {
  /** What a number of 64 bits becomes. */
  wholeNumbers(digits: string): unknown
}

/** What is in the body of a request, by an independent decoder. Throws for what it would not write itself, as far as it can tell. */
export function decodeOtlp(
  body: Uint8Array,
  { wholeNumbers }: DecodeOptions = { wholeNumbers: Number },
): OtlpResource[] {
  const request = root.lookupType('ExportLogsServiceRequest')
  const { resourceLogs } = request.toObject(request.decode(body), { longs: String }) as Decoded
  return resourceLogs.map(({ resource, scopeLogs }) => ({
    resource: attributesOf(resource.attributes),
    records: scopeLogs.flatMap(({ logRecords }) => logRecords.map((record) => readRecord(record, wholeNumbers))),
  }))
}

/** A body that a server sends. */
export function encodeOtlp(type: 'ExportLogsServiceResponse' | 'Status', value: object): Buffer {
  const message = root.lookupType(type)
  return Buffer.from(message.encode(message.fromObject(value)).finish())
}

function readRecord(record: LogRecord, wholeNumbers: DecodeOptions['wholeNumbers']): OtlpRecord {
  // What is 0 or empty need not be there.
  const {
    timeUnixNano = 0,
    observedTimeUnixNano = 0,
    severityNumber = 0,
    severityText = '',
    body,
    attributes = [],
    traceId = [],
    spanId = [],
    flags = 0,
  } = record
  return {
    trace: { traceId: Buffer.from(traceId).toString('hex'), spanId: Buffer.from(spanId).toString('hex'), flags },
    time: BigInt(timeUnixNano),
    observedTime: BigInt(observedTimeUnixNano),
    severityNumber,
    severityText,
    body: plain(body, wholeNumbers),
    attributes: attributesOf(attributes),
  }
}

function attributesOf(
  pairs: readonly KeyValue[],
  wholeNumbers: DecodeOptions['wholeNumbers'] = Number,
): Record<string, unknown> {
  const keys = pairs.map(({ key = '' }) => key)
  if (new Set(keys).size < keys.length) throw new Error(`attributes that are there twice: ${keys}`)
  return Object.fromEntries(pairs.map(({ key = '', value }) => [key, plain(value, wholeNumbers)]))
}

function plain(value: AnyValue, wholeNumbers: DecodeOptions['wholeNumbers']): unknown {
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map((one) => plain(one, wholeNumbers))
  if (value.kvlistValue !== undefined) return attributesOf(value.kvlistValue.values ?? [], wholeNumbers)
  if (value.intValue !== undefined) return wholeNumbers(value.intValue)
  return value.stringValue ?? value.boolValue ?? value.doubleValue
}
