import * as v from 'valibot'
import { described, option } from './described.ts'
import {
  absolutePath,
  boolean,
  byteSize,
  choice,
  count,
  duration,
  fieldMap,
  globList,
  httpsUrl,
  nodeName,
  optionalPath,
  selector,
  text,
} from './kinds.ts'
import { limitSchema } from './limits.ts'
import { patternList, presetList } from './redaction.ts'
import { sinkSchema } from './sinks.ts'

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
      description:
        'Whether to find the level of a line, such as `warn`, and put it into the field `level`: `auto` or `off`.',
    }),
    multiline: option(choice(['auto', 'off']), 'auto', {
      description:
        'Whether to join stack traces, and other known records of several lines, into one entry: `auto` or `off`.',
    }),
    json: option(boolean(), false, {
      description: "Put a line that is a JSON object into the entry's field `json` instead of `log`.",
    }),
  }),
  redact: v.strictObject({
    presets: option(presetList(), [], {
      description: 'Kinds of secrets to replace by marks before a line leaves the node: [redaction.md](redaction.md).',
    }),
    patterns: option(patternList(), [], {
      description: 'Patterns of your own (RE2), each with a name. As a variable: `name=pattern,…`.',
    }),
    mode: option(choice(['mask', 'hash']), 'mask', {
      description:
        'What a mark has: with `mask` the name of the rule; with `hash` also a hash, the same for the same secret.',
    }),
    keyFile: option(optionalPath(), '', {
      description: 'File with the key of the hashes, of at least 16 bytes; required with `redact.mode: hash`.',
    }),
  }),
  enrich: v.strictObject({
    from: option(choice(['api', 'kubelet', 'auto']), 'api', {
      description:
        "Where pods' metadata come from: the API server, the node's kubelet, or, with `auto`, the kubelet for pods that the API server has not reported.",
    }),
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
  limit: v.strictObject({
    container: limitSchema('a container'),
    namespace: limitSchema('all containers of a namespace on a node, together,'),
  }),
  sink: option(sinkSchema, { type: 'stdout' }, { description: 'Where entries go.', flag: 'sink' }),
  state: v.strictObject({
    directory: option(absolutePath(), '/var/lib/loggy', {
      description: "Directory for positions and the metadata of the node's pods.",
      flag: 'state',
    }),
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
    kubeletUrl: described(httpsUrl(), {
      description: "Address of the node's kubelet, for `enrich.from`.",
      defaultText: '`https://NODE_IP:10250`, or that of 127.0.0.1',
    }),
    kubeletCaFile: option(optionalPath(), '', {
      description: "Certificates of which one must have signed the kubelet's; empty: those for the API server's.",
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
    grace: option(duration('0s', '1h'), '45s', {
      description: 'How long at most to read the last lines of other pods when the node shuts down; 0s: not at all.',
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
