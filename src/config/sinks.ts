import * as v from 'valibot'
import { type Described, described, option } from './described.ts'
import {
  absolutePath,
  boolean,
  byteSize,
  choice,
  count,
  dataStreamPart,
  duration,
  globList,
  headerMap,
  headerName,
  httpUrl,
  optionalPath,
  serverName,
  text,
  userName,
} from './kinds.ts'

/** Of all sinks whose entries are lines of JSON. */
const schemaOption = option(choice(['loggy', 'otel', 'ecs', 'fluent-bit', 'vector']), 'loggy', {
  description: 'How the fields of entries are called: [schemas.md](schemas.md).',
})

const fileSink = v.strictObject({
  type: v.literal('file'),
  schema: schemaOption,
  path: described(absolutePath(), { description: 'File to append entries to.', flag: 'sink-path' }),
  rotate: v.strictObject({
    maxBytes: option(byteSize('0', '1024Gi'), 0, {
      description:
        'Size at which the file is rotated to `.1`, `.2` …; 0 if another program does it, such as logrotate.',
    }),
    keep: option(count(1, 100), 5, { description: 'Number of rotated files to keep.' }),
  }),
  fsync: option(boolean(), false, {
    description: 'Count an entry as delivered only after an fsync; slower.',
  }),
})

const POST_URL: Described = {
  description:
    'URL to post entries to. If it has no path, `/v1/logs` is added with `otlp`, `/loki/api/v1/push` with `loki`, `/_bulk` with `elasticsearch`, `/api/v2/logs` with `datadog`, `/services/collector/event` with `splunk`.',
  flag: 'sink-url',
}

/** Of sinks whose servers do not all take zstd. */
const COMPRESSION: Described = { description: 'zstd only with `http` and `otlp`.' }

/** Keys of all sinks that post to a URL. */
const httpKeys = {
  tokenFile: option(optionalPath(), '', {
    description:
      'File with a bearer token, or, with `splunk`, a token of its HTTP Event Collector; read again when it changes.',
  }),
  username: option(userName(), '', { description: 'User name for basic authentication; empty: none.' }),
  passwordFile: option(optionalPath(), '', {
    description: "File with that user's password; read again when it changes.",
  }),
  timeout: option(duration('100ms', '10m'), '30s', { description: 'Timeout of a whole request.' }),
  // Each needs memory for one batch.
  maxInFlight: option(count(1, 32), 4, {
    description:
      'Maximum number of requests in flight. Entries arrive in order only with 1, except those of refused requests.',
  }),
  retryFor: option(duration('0s', '720h'), '0s', {
    description: 'How long to retry a batch before it is written to the dead letter file; 0s: for ever.',
  }),
  tenant: v.strictObject({
    name: option(text('TENANT'), '', {
      description: 'Tenant of entries whose pod does not choose one; empty: no header.',
    }),
    allow: option(globList(), [], {
      description:
        'Tenants that pods may choose by the annotation `loggy.io/tenant`. Each is delivered independently: a refused one does not delay others.',
    }),
    header: option(headerName(), 'X-Scope-OrgID', { description: "Header with the tenant's name." }),
  }),
  tls: v.strictObject({
    caFile: option(optionalPath(), '', { description: 'Certificate authorities to trust; empty: the public ones.' }),
    certFile: option(optionalPath(), '', { description: 'Client certificate; read again when it changes.' }),
    keyFile: option(optionalPath(), '', {
      description: 'Key of the client certificate; empty: in `certFile`.',
    }),
    serverName: option(serverName(), '', {
      description: "Name in the server's certificate; empty: the host of the URL.",
    }),
    insecureSkipVerify: option(boolean(), false, { description: 'Do not verify the server certificate.' }),
  }),
  deadLetter: v.strictObject({
    path: option(optionalPath(), '', {
      description: 'File for entries that the destination refuses; empty: `dead-letter.ndjson` in `state.directory`.',
    }),
    maxBytes: option(byteSize('1Mi', '100Gi'), 104857600, {
      description: 'Size at which that file is rotated to `.1`, replacing the previous one.',
    }),
  }),
} as const

const httpSink = v.strictObject({
  type: v.literal('http'),
  schema: schemaOption,
  url: described(httpUrl(), POST_URL),
  headers: headersOf(headerMap()),
  compression: compressionOf('none'),
  maxEntryBytes: option(byteSize('16Ki', '1Gi'), 1073741824, {
    description:
      'Maximum size of an entry, uncompressed. If it is longer, its line is cut, and the entry has `truncated`.',
  }),
  ...httpKeys,
})

const otlpSink = v.strictObject({
  type: v.literal('otlp'),
  url: described(httpUrl(), POST_URL),
  headers: headersOf(headerMap({ without: 'content-type' })),
  compression: compressionOf('gzip'),
  body: option(choice(['string', 'map']), 'string', {
    description: 'Body of a record whose line is a JSON object: the text as it is, or a map of its members.',
  }),
  ...httpKeys,
})

const lokiSink = v.strictObject({
  type: v.literal('loki'),
  url: described(httpUrl(), POST_URL),
  headers: headersOf(headerMap({ without: 'content-type' })),
  compression: option(choice(['none', 'gzip'], '; Loki reads no other'), 'gzip', COMPRESSION),
  structuredMetadata: v.strictObject({
    labels: option(globList(), [], {
      description: 'Keys of labels to send as structured metadata of each entry, among those that `enrich` selects.',
    }),
    annotations: option(globList(), [], { description: 'Keys of annotations to send in the same way.' }),
  }),
  maxLineBytes: option(byteSize('1Ki', '16Mi'), 262144, {
    description: "Longer lines are cut, as with `source.maxLineBytes`: Loki's `max_line_size`.",
  }),
  ...httpKeys,
})

const { tenant: _, ...elasticsearchKeys } = httpKeys

const elasticsearchSink = v.strictObject({
  type: v.literal('elasticsearch'),
  url: described(httpUrl(), POST_URL),
  headers: headersOf(headerMap({ without: 'content-type' })),
  compression: option(choice(['none', 'gzip'], '; OpenSearch ends when it gets zstd'), 'gzip', COMPRESSION),
  dataStream: v.strictObject({
    dataset: option(dataStreamPart('DATASET'), 'kubernetes.container_logs', {
      description: 'Entries go to the data stream `logs-<dataset>-<namespace>`.',
    }),
    namespace: option(dataStreamPart('NAMESPACE'), 'default', {
      description: "The other part of its name, such as a stage; not the pod's namespace.",
    }),
    allow: option(globList(), [], {
      description:
        'Datasets that pods may choose by the annotation `loggy.io/dataset`. Each is delivered independently, as tenants are.',
    }),
  }),
  ...elasticsearchKeys,
})

const { tokenFile: __, ...datadogKeys } = elasticsearchKeys

const datadogSink = v.strictObject({
  type: v.literal('datadog'),
  url: described(httpUrl(), POST_URL),
  headers: headersOf(headerMap({ without: 'content-type' })),
  compression: option(choice(['none', 'gzip']), 'gzip', COMPRESSION),
  apiKeyFile: option(optionalPath(), '', { description: 'File with the API key; read again when it changes.' }),
  ...datadogKeys,
})

const splunkSink = v.strictObject({
  type: v.literal('splunk'),
  url: described(httpUrl(), POST_URL),
  headers: headersOf(headerMap({ without: 'content-type' })),
  compression: option(choice(['none', 'gzip']), 'gzip', COMPRESSION),
  index: option(text('INDEX'), '', { description: "Splunk's index; empty: that of the token." }),
  source: option(text('SOURCE'), '', { description: "Splunk's source; empty: `namespace/pod/container`." }),
  sourcetype: option(text('SOURCETYPE'), '', {
    description: "Splunk's source type; empty: `kube:container:<container>`.",
  }),
  ...elasticsearchKeys,
})

function headersOf(schema: ReturnType<typeof headerMap>) {
  const description = 'Headers of each request; `content-type` only with `http`. As a variable: `Name=value,…`.'
  return option(schema, {}, { description, isSecret: true })
}

function compressionOf<const Default extends 'none' | 'gzip'>(defaultValue: Default) {
  return option(choice(['none', 'gzip', 'zstd']), defaultValue, { description: 'Compression of the body.' })
}

/** Where entries go: each type of sink with its keys. */
export const sinkSchema = v.variant('type', [
  v.strictObject({ type: v.literal('stdout'), schema: schemaOption }),
  fileSink,
  httpSink,
  otlpSink,
  lokiSink,
  elasticsearchSink,
  datadogSink,
  splunkSink,
])
