import * as v from 'valibot'
import {
  absolutePath,
  boolean,
  byteSize,
  choice,
  count,
  dataStreamPart,
  duration,
  fieldMap,
  globList,
  headerMap,
  headerName,
  httpUrl,
  nodeName,
  optionalPath,
  selector,
  serverName,
  text,
  userName,
} from './kinds.ts'
/** What the schema adds to a kind of value. */
export type Described = {
  /** One line. */
  readonly description: string
  /** The long name on the command line, without its dashes; only the common options have one. */
  readonly flag?: string
  /** The value is never shown. */
  readonly short?: string
  /** Shown in place of a default that is not a constant. */
  readonly isSecret?: boolean
  /** Stands for a default that is not a constant. */
  readonly defaultText?: string
}

/** Of all sinks whose entries are lines of JSON. */
const schemaOption = option(choice(['loggy', 'otel', 'ecs', 'fluent-bit', 'vector']), 'loggy', {
  description: 'How the fields of entries are called: [docs/schemas.md](docs/schemas.md).',
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
    'URL to post entries to. If it has no path, `/v1/logs` is added with `otlp`, `/_bulk` with `elasticsearch`.',
  flag: 'sink-url',
}

const COMPRESSION: Described = { description: 'Compression of the body.' }

/** Keys of all sinks that post to a URL. */
const httpKeys = {
  tokenFile: option(optionalPath(), '', { description: 'File with a bearer token; read again when it changes.' }),
  username: option(userName(), '', { description: 'User name for basic authentication; empty: none.' }),
  passwordFile: option(optionalPath(), '', {
    description: "File with that user's password; read again when it changes.",
  }),
  timeout: option(duration('100ms', '10m'), '30s', { description: 'Timeout of a whole request.' }),
  // Each needs memory for one batch.
  maxInFlight: option(count(1, 32), 4, {
    description: 'Maximum number of requests in flight. Entries arrive in order only with 1, except refused ones.',
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
  ...httpKeys,
})

const otlpSink = v.strictObject({
  type: v.literal('otlp'),
  url: described(httpUrl(), POST_URL),
  headers: headersOf(headerMap({ without: 'content-type' })),
  compression: compressionOf('gzip'),
  ...httpKeys,
})

const { tenant: _, ...elasticsearchKeys } = httpKeys

const elasticsearchSink = v.strictObject({
  type: v.literal('elasticsearch'),
  url: described(httpUrl(), POST_URL),
  headers: headersOf(headerMap({ without: 'content-type' })),
  compression: option(choice(['none', 'gzip'], '; OpenSearch ends when it gets zstd'), 'gzip', {
    description: 'Not zstd with `elasticsearch`.',
  }),
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

/** All options: kind of value, range, default, one line of documentation and names on the command line. Everything else is derived. */
export const configSchema = v.strictObject({
  source: v.strictObject({
    directory: option(absolutePath(), '/var/log/containers', {
      description: "Directory with the kubelet's links to the log files.",
      flag: 'directory',
    }),
    startAt: option(choice(['beginning', 'end']), 'beginning', {
      description:
        'Where to begin in existing files at the very first start; later starts continue from the stored positions.',
      flag: 'start-at',
    }),
    // Below 1Ki, normal lines would be cut; above 16Mi, a single line would need most of the agent's memory.
    maxLineBytes: option(byteSize('1Ki', '16Mi'), 1048576, {
      description: 'Maximum length of a line, after joining its partials.',
    }),
    held: v.strictObject({
      maxBytes: option(byteSize('1Mi', '1024Gi'), 1073741824, {
        description:
          'Maximum of unread bytes in rotated and deleted files that are kept open; if exceeded, the container with the most loses its oldest file.',
      }),
      maxFiles: option(count(1, 100_000), 1000, {
        description: 'Maximum number of such files.',
      }),
    }),
  }),
  select: v.strictObject({
    namespaces: v.strictObject({
      include: option(globList(), ['*'], { description: 'Namespaces to read.', flag: 'namespaces' }),
      exclude: option(globList(), ['kube-system'], {
        description: 'Namespaces to exclude; overrides `include`.',
        flag: 'exclude-namespaces',
      }),
    }),
    containers: v.strictObject({
      include: option(globList(), ['*'], { description: 'Containers to read, by name.' }),
      exclude: option(globList(), [], { description: 'Containers to exclude; overrides `include`.' }),
    }),
    labels: option(selector('label'), '', {
      description: 'Label selector (Kubernetes grammar) of the pods to read; empty: all.',
      flag: 'labels',
      short: 'l',
    }),
    annotations: option(selector('annotation'), '', {
      description: 'Annotation selector of the pods to read, in the same grammar; empty: all.',
      flag: 'annotations',
      short: 'A',
    }),
    minLevel: option(choice(['trace', 'debug', 'info', 'warn', 'error', 'fatal']), 'trace', {
      description: 'Drop lines with a lower level; lines without a level are kept.',
      flag: 'min-level',
    }),
    podAnnotations: option(boolean(), true, { description: 'Whether the `loggy.io/` annotations of pods are used.' }),
  }),
  parse: v.strictObject({
    level: option(choice(['auto', 'off']), 'auto', {
      description: 'Put the level that a line says it has into the field `level`: `auto`, or never: `off`.',
    }),
    json: option(boolean(), false, {
      description: "Put a line that is a JSON object into the entry's field `json` instead of `log`.",
    }),
  }),
  enrich: v.strictObject({
    waitForMetadata: option(duration('0s', '10m'), '5s', {
      description: "How long to wait for a pod's metadata before its logs are read without it.",
    }),
    labels: v.strictObject({
      include: option(globList(), ['*'], { description: 'Label keys to add to entries.' }),
      exclude: option(globList(), [], { description: 'Label keys to omit; overrides `include`.' }),
    }),
    annotations: v.strictObject({
      include: option(globList(), ['*'], { description: 'Annotation keys to add to entries.' }),
      exclude: option(globList(), ['*/last-applied-configuration'], {
        description: 'Annotation keys to omit; overrides `include`.',
      }),
    }),
    // Kubernetes itself allows 256Ki for all annotations of an object (apimachinery, TotalAnnotationSizeLimitB).
    maxAnnotationBytes: option(byteSize('0', '256Ki'), 16384, {
      description: 'Longer annotation values are omitted, and their keys listed in `annotationsOmitted`.',
    }),
    recordId: option(boolean(), false, {
      description: 'Add an `id` to entries, which stays the same if a line is sent again, to detect duplicates.',
    }),
    cluster: option(text('NAME'), '', { description: 'Name of the cluster, added to entries as `cluster`.' }),
    fields: option(fieldMap(), {}, { description: 'Fields to add to each entry. As a variable: `name=value,…`.' }),
    namespaceLabels: option(boolean(), false, { description: "Add the namespace's labels to entries." }),
    nodeLabels: option(boolean(), false, { description: "Add the node's labels to entries." }),
    deletedPodGracePeriod: option(duration('0s', '24h'), '10m', {
      description: 'How long to keep the metadata of a deleted pod.',
    }),
  }),
  sink: option(
    v.variant('type', [
      v.strictObject({ type: v.literal('stdout'), schema: schemaOption }),
      fileSink,
      httpSink,
      otlpSink,
      elasticsearchSink,
    ]),
    { type: 'stdout' },
    { description: 'Where entries go.', flag: 'sink' },
  ),
  state: v.strictObject({
    directory: option(absolutePath(), '/var/lib/loggy', { description: 'Directory for checkpoints.', flag: 'state' }),
  }),
  kubernetes: v.strictObject({
    nodeName: described(nodeName(), {
      description: 'Node whose pods to read.',
      flag: 'node-name',
      defaultText: '`NODE_NAME`, or the host name',
    }),
    kubeconfig: option(optionalPath(), '', {
      description: 'Kubeconfig to use; empty: the service account, or `KUBECONFIG` outside a cluster.',
      flag: 'kubeconfig',
    }),
  }),
  metrics: v.strictObject({
    port: option(count(0, 65_535), 9180, {
      description: 'Port of `/metrics`, `/healthz` and `/readyz`, on all addresses; 0: off.',
    }),
    containerLogMaxSize: option(byteSize('1Ki', '1024Gi'), 10485760, {
      description: "The kubelet's setting, to compute how long unread lines stay on disk.",
    }),
    containerLogMaxFiles: option(count(2, 1000), 5, { description: "The kubelet's setting, for the same purpose." }),
  }),
  api: v.strictObject({
    port: option(count(0, 65_535), 9181, {
      description: 'Port of the live page, `loggy explain` and `loggy tail`, on 127.0.0.1; 0: off.',
    }),
  }),
  shutdown: v.strictObject({
    timeout: option(duration('1s', '1h'), '25s', {
      description: "How long to wait for the last acks at shutdown; less than the pod's grace period.",
    }),
  }),
  log: v.strictObject({
    level: option(choice(['error', 'warn', 'info', 'debug']), 'info', {
      description: "Level of Loggy's own log on standard error.",
      flag: 'log-level',
    }),
  }),
})

/** The whole configuration, frozen. Durations are in milliseconds, sizes in bytes, selectors are checked text. */
export type Config = DeepReadonly<v.InferOutput<typeof configSchema>>

type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T

function option<const Schema extends v.GenericSchema, const Default extends v.InferInput<Schema>>(
  schema: Schema,
  defaultValue: Default,
  about: Described,
) {
  return v.optional(described(schema, about), defaultValue)
}

function described<const Schema extends v.GenericSchema>(schema: Schema, about: Described) {
  return v.pipe(schema, v.metadata({ ...about }))
}

function headersOf(schema: ReturnType<typeof headerMap>) {
  const description = 'Headers of each request; `content-type` only with `http`. As a variable: `Name=value,…`.'
  return option(schema, {}, { description, isSecret: true })
}

function compressionOf<const Default extends 'none' | 'gzip'>(defaultValue: Default) {
  return option(choice(['none', 'gzip', 'zstd']), defaultValue, COMPRESSION)
}
