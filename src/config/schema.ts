import * as v from 'valibot'
import {
  absolutePath,
  boolean,
  byteSize,
  choice,
  count,
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
} from './kinds.ts'

/** What the schema adds to a kind of value. */
export type Described = {
  /** One line. */
  readonly description: string
  /** The long name on the command line, without its dashes; only the common options have one. */
  readonly flag?: string
  /** The one-letter name on the command line. */
  readonly short?: string
  /** Its value is shown nowhere. */
  readonly isSecret?: boolean
  /** Stands for a default that is not a constant. */
  readonly defaultText?: string
}

const fileSink = v.strictObject({
  type: v.literal('file'),
  path: described(absolutePath(), { description: 'File that entries are appended to.', flag: 'sink-path' }),
  rotate: v.strictObject({
    maxBytes: option(byteSize('0', '1024Gi'), 0, {
      description: 'Size at which the file is rotated to `.1`, `.2` …; 0 leaves that to others, such as logrotate.',
    }),
    keep: option(count(1, 100), 5, { description: 'How many rotated files are kept.' }),
  }),
  fsync: option(boolean(), false, {
    description: 'An entry counts as delivered only once the disk has it, at the price of speed.',
  }),
})

const httpSink = v.strictObject({
  type: v.literal('http'),
  url: described(httpUrl(), { description: 'Where entries are posted as NDJSON.', flag: 'sink-url' }),
  headers: option(
    headerMap(),
    {},
    {
      description: 'Headers of each request; `content-type` may be among them. A variable holds `Name=value,…`.',
      isSecret: true,
    },
  ),
  compression: option(choice(['none', 'gzip', 'zstd']), 'none', { description: 'How the body is compressed.' }),
  tokenFile: option(optionalPath(), '', { description: 'File with a bearer token; read again when it is renewed.' }),
  timeout: option(duration('100ms', '10m'), '30s', { description: 'How long a request may take as a whole.' }),
  // Each takes a batch of memory.
  maxInFlight: option(count(1, 32), 4, {
    description: 'Requests at a time. Entries arrive in order only with 1, except refused ones.',
  }),
  retryFor: option(duration('0s', '720h'), '0s', {
    description: 'How long a failing batch is sent again until it goes to the dead letter file; 0s never gives up.',
  }),
  tenant: v.strictObject({
    name: option(text('TENANT'), '', {
      description: 'Tenant of the entries whose pod chooses none; empty sends them without the header.',
    }),
    allow: option(globList(), [], {
      description:
        'Tenants that pods may choose by the annotation `loggy.io/tenant`. Each is delivered by itself: one that is refused holds up no other.',
    }),
    header: option(headerName(), 'X-Scope-OrgID', { description: 'Header that names the tenant.' }),
  }),
  tls: v.strictObject({
    caFile: option(optionalPath(), '', { description: 'Certificates to trust; empty trusts the public ones.' }),
    certFile: option(optionalPath(), '', { description: 'Client certificate; read again when it is renewed.' }),
    keyFile: option(optionalPath(), '', {
      description: 'Key of the client certificate; empty reads it from `certFile`.',
    }),
    serverName: option(serverName(), '', {
      description: 'Name on the certificate of the server; empty takes that of the URL.',
    }),
    insecureSkipVerify: option(boolean(), false, { description: 'Trust any server.' }),
  }),
  deadLetter: v.strictObject({
    path: option(optionalPath(), '', {
      description: 'File for entries that the destination refuses; empty: `dead-letter.ndjson` in `state.directory`.',
    }),
    maxBytes: option(byteSize('1Mi', '100Gi'), 104857600, {
      description: 'Size at which that file is rotated to `.1`, and the one before is deleted.',
    }),
  }),
})

/** Every option once: kind of value, range, default, one line of documentation and command line names. All else is derived from it. */
export const configSchema = v.strictObject({
  source: v.strictObject({
    directory: option(absolutePath(), '/var/log/containers', {
      description: 'Directory in which the kubelet links the log files.',
      flag: 'directory',
    }),
    startAt: option(choice(['beginning', 'end']), 'beginning', {
      description:
        'Where the very first start begins in the files that are there; later starts know where they stopped.',
      flag: 'start-at',
    }),
    // Below 1Ki real lines would be cut; above 16Mi a single line would take most of the agent's memory.
    maxLineBytes: option(byteSize('1Ki', '16Mi'), 1048576, {
      description: 'Longest line, its partials joined.',
    }),
    held: v.strictObject({
      maxBytes: option(byteSize('1Mi', '1024Gi'), 1073741824, {
        description:
          'Unread bytes of rotated and deleted files that are kept open; beyond, the noisiest container loses its oldest file.',
      }),
      maxFiles: option(count(1, 100_000), 1000, {
        description: 'How many such files are kept open.',
      }),
    }),
  }),
  select: v.strictObject({
    namespaces: v.strictObject({
      include: option(globList(), ['*'], { description: 'Namespaces to read.', flag: 'namespaces' }),
      exclude: option(globList(), ['kube-system'], {
        description: 'Namespaces to leave out; wins over `include`.',
        flag: 'exclude-namespaces',
      }),
    }),
    containers: v.strictObject({
      include: option(globList(), ['*'], { description: 'Containers to read, by name.' }),
      exclude: option(globList(), [], { description: 'Containers to leave out; wins over `include`.' }),
    }),
    labels: option(selector('label'), '', {
      description: 'Pods to read, by label, in the Kubernetes selector grammar; empty takes all.',
      flag: 'labels',
      short: 'l',
    }),
    annotations: option(selector('annotation'), '', {
      description: 'Pods to read, by annotation, in the same grammar; empty takes all.',
      flag: 'annotations',
      short: 'A',
    }),
    minLevel: option(choice(['trace', 'debug', 'info', 'warn', 'error', 'fatal']), 'trace', {
      description: 'Leave out lines of a lower level; lines without a level are kept.',
      flag: 'min-level',
    }),
    podAnnotations: option(boolean(), true, { description: 'Whether the `loggy.io/` annotations of pods count.' }),
  }),
  parse: v.strictObject({
    json: option(boolean(), false, {
      description: 'Put a line that is a JSON object on its entry as `json`, instead of `log`.',
    }),
  }),
  enrich: v.strictObject({
    waitForMetadata: option(duration('0s', '10m'), '5s', {
      description: 'How long a file waits for its pod to be known before it is read without metadata.',
    }),
    labels: v.strictObject({
      include: option(globList(), ['*'], { description: 'Label keys to put on entries.' }),
      exclude: option(globList(), [], { description: 'Label keys to leave off; wins over `include`.' }),
    }),
    annotations: v.strictObject({
      include: option(globList(), ['*'], { description: 'Annotation keys to put on entries.' }),
      exclude: option(globList(), ['*/last-applied-configuration'], {
        description: 'Annotation keys to leave off; wins over `include`.',
      }),
    }),
    // Kubernetes itself allows 256Ki for all annotations of an object (apimachinery, TotalAnnotationSizeLimitB).
    maxAnnotationBytes: option(byteSize('0', '256Ki'), 16384, {
      description: 'A longer annotation value is left off and its key listed in `annotationsOmitted`.',
    }),
    recordId: option(boolean(), false, {
      description:
        'Put an `id` on entries: the same each time that a line is sent, so that duplicates can be recognised.',
    }),
    cluster: option(text('NAME'), '', { description: 'Name of the cluster, put on entries as `cluster`.' }),
    fields: option(fieldMap(), {}, { description: 'Fields to put on each entry. A variable holds `name=value,…`.' }),
    namespaceLabels: option(boolean(), false, { description: 'Put the labels of the namespace on entries.' }),
    nodeLabels: option(boolean(), false, { description: 'Put the labels of the node on entries.' }),
    deletedPodGracePeriod: option(duration('0s', '24h'), '10m', {
      description: 'How long the metadata of a deleted pod is kept.',
    }),
  }),
  sink: option(
    v.variant('type', [v.strictObject({ type: v.literal('stdout') }), fileSink, httpSink]),
    { type: 'stdout' },
    { description: 'Where entries go.', flag: 'sink' },
  ),
  state: v.strictObject({
    directory: option(absolutePath(), '/var/lib/loggy', { description: 'Directory for checkpoints.', flag: 'state' }),
  }),
  kubernetes: v.strictObject({
    nodeName: described(nodeName(), {
      description: 'Node whose pods to follow.',
      flag: 'node-name',
      defaultText: '`NODE_NAME`, or the host name',
    }),
    kubeconfig: option(optionalPath(), '', {
      description: 'Kubeconfig to use; empty takes the service account, or `KUBECONFIG` outside a cluster.',
      flag: 'kubeconfig',
    }),
  }),
  metrics: v.strictObject({
    port: option(count(0, 65_535), 9180, {
      description: 'Port of `/metrics`, `/healthz` and `/readyz`, on all addresses; 0 turns it off.',
    }),
    containerLogMaxSize: option(byteSize('1Ki', '1024Gi'), 10485760, {
      description: 'The setting of the kubelet, to compute how long unread lines stay on disk.',
    }),
    containerLogMaxFiles: option(count(2, 1000), 5, { description: 'The same.' }),
  }),
  api: v.strictObject({
    port: option(count(0, 65_535), 9181, {
      description: 'Port of the live page and what `loggy explain` and `loggy tail` ask, on 127.0.0.1; 0 turns it off.',
    }),
  }),
  shutdown: v.strictObject({
    timeout: option(duration('1s', '1h'), '25s', {
      description: 'How long to wait for the last acks at the end; less than the grace period of the pod.',
    }),
  }),
  log: v.strictObject({
    level: option(choice(['error', 'warn', 'info', 'debug']), 'info', {
      description: 'How much Loggy says about itself on standard error.',
      flag: 'log-level',
    }),
  }),
})

/** The whole configuration, frozen. Durations are milliseconds, sizes are bytes, selectors are text that is known to parse. */
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
