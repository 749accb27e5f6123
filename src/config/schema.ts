import * as v from 'valibot'
import {
  absolutePath,
  boolean,
  byteSize,
  choice,
  duration,
  globList,
  nodeName,
  optionalPath,
  selector,
} from './kinds.ts'

/** What the schema adds to a kind of value. */
export type Described = {
  /** One line. */
  readonly description: string
  /** The long name on the command line, without its dashes; only the common options have one. */
  readonly flag?: string
  /** The one-letter name on the command line. */
  readonly short?: string
  /** Stands for a default that is not a constant. */
  readonly defaultText?: string
}

/** Every option once: kind of value, range, default, one line of documentation and command line names. All else is derived from it. */
export const configSchema = v.strictObject({
  source: v.strictObject({
    directory: option(absolutePath(), '/var/log/containers', {
      description: 'Directory in which the kubelet links the log files.',
      flag: 'directory',
    }),
    startAt: option(choice(['beginning', 'end']), 'beginning', {
      description: 'Where to start in a file that existed before Loggy and has no checkpoint.',
      flag: 'start-at',
    }),
    // Below 1Ki real lines would be cut; above 16Mi a single line would take most of the agent's memory.
    maxLineBytes: option(byteSize('1Ki', '16Mi'), 1048576, {
      description: 'Longest line, its partials joined.',
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
    podAnnotations: option(boolean(), true, { description: 'Whether the `loggy.io/` annotations of pods are heeded.' }),
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
    namespaceLabels: option(boolean(), false, { description: 'Put the labels of the namespace on entries.' }),
    nodeLabels: option(boolean(), false, { description: 'Put the labels of the node on entries.' }),
    deletedPodGracePeriod: option(duration('0s', '24h'), '10m', {
      description: 'How long the metadata of a deleted pod is kept.',
    }),
  }),
  sink: option(
    v.variant('type', [
      v.strictObject({ type: v.literal('stdout') }),
      v.strictObject({
        type: v.literal('file'),
        path: described(absolutePath(), { description: 'File that entries are appended to.', flag: 'sink-path' }),
      }),
    ]),
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
  shutdown: v.strictObject({
    timeout: option(duration('1s', '1h'), '25s', {
      description: 'How long the last acks are awaited at the end; below the grace period of the pod.',
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
