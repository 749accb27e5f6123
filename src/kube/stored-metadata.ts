import { setImmediate } from 'node:timers/promises'
import { crc32 } from '../lib/crc32.ts'
import type { ContainerRecord, PodRecord } from '../model/pod-record.ts'
import { type Fields, fieldsOf, listOf, stringsOf, textOf } from './fields.ts'
import type { LabelRecord } from './label-store.ts'

/** What is known of a node's pods, as it stands on the disk. */
export interface StoredMetadata {
  readonly pods: readonly PodRecord[]
  readonly namespaces: readonly LabelRecord[]
  readonly nodes: readonly LabelRecord[]
}

/** What the file is about. With another node, or by other rules, it is not used. */
export interface StoredAbout {
  readonly node: string
  /** Which labels and annotations of pods were worth storing; see KeptKeys. */
  readonly rules: string
}

/** Bytes. A pod takes 1 to 2 KB, and a node runs some hundreds; long annotations may take more. */
export const MAXIMUM_STORED_BYTES = 8 * 1024 * 1024
/** Of the form of the lines below. */
const VERSION = 1
/** Lines to encode before the agent's loop has a turn: a millisecond. */
const ENCODED_AT_ONCE = 64
const KINDS: ReadonlySet<unknown> = new Set<ContainerRecord['kind']>(['container', 'init', 'sidecar', 'ephemeral'])

/**
 * The bytes of the file: one JSON object on each line behind its checksum, first what it is about. So damage costs the damaged lines only.
 * `pods`: iterated over a few at a time, so that what is made for one is gone before the next. `leftOut`: pods that had no room.
 */
export async function encodeMetadata(
  { pods, namespaces, nodes }: Omit<StoredMetadata, 'pods'> & { readonly pods: Iterable<PodRecord> },
  about: StoredAbout,
): Promise<{ readonly parts: readonly Uint8Array[]; readonly leftOut: number }> {
  const parts: Uint8Array[] = []
  let lines = [lineOf({ version: VERSION, ...about })]
  lines.push(...namespaces.map(({ name, labels }) => lineOf({ namespace: { name, labels } })))
  lines.push(...nodes.map(({ name, labels }) => lineOf({ node: { name, labels } })))
  let bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0)
  let leftOut = 0
  for (const { isCached: _, containers, ...pod } of pods) {
    const line = lineOf({ pod: { ...pod, containers: [...containers] } })
    const length = Buffer.byteLength(line)
    if (bytes + length > MAXIMUM_STORED_BYTES) {
      leftOut += 1
      continue
    }
    bytes += length
    lines.push(line)
    if (lines.length < ENCODED_AT_ONCE) continue
    parts.push(Buffer.from(lines.join('')))
    lines = []
    await setImmediate()
  }
  parts.push(Buffer.from(lines.join('')))
  return { parts, leftOut }
}

/** Undefined if the text is about something else, or its first line is damaged. `damaged`: other lines that are, and were left out. */
export function decodeMetadata(
  text: string,
  about: StoredAbout,
): (StoredMetadata & { readonly damaged: number }) | undefined {
  const [first = '', ...rest] = text.split('\n')
  const head = fieldsOf(checked(first))
  if (head.version !== VERSION || head.node !== about.node || head.rules !== about.rules) return undefined
  const lines = rest.filter((line) => line !== '').map((line) => fieldsOf(checked(line)))
  const pods = lines.flatMap(({ pod }) => podOf(fieldsOf(pod)) ?? [])
  const namespaces = lines.flatMap(({ namespace }) => labelsOf(fieldsOf(namespace)) ?? [])
  const nodes = lines.flatMap(({ node }) => labelsOf(fieldsOf(node)) ?? [])
  return { pods, namespaces, nodes, damaged: lines.length - pods.length - namespaces.length - nodes.length }
}

function lineOf(value: object): string {
  const json = JSON.stringify(value)
  return `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`
}

/** Undefined for a line that does not match its checksum. */
function checked(line: string): unknown {
  const json = line.slice(9)
  if (Number.parseInt(line.slice(0, 8), 16) !== crc32(json)) return undefined
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

function labelsOf({ name, labels }: Fields): LabelRecord | undefined {
  const text = textOf(name)
  return text === undefined ? undefined : { name: text, labels: stringsOf(labels), isCached: true }
}

/** Checked like an object of the API server's: the file may be of a program that is not known yet. */
function podOf(pod: Fields): PodRecord | undefined {
  const [uid, namespace, name] = [textOf(pod.uid), textOf(pod.namespace), textOf(pod.name)]
  if (uid === undefined || namespace === undefined || name === undefined) return undefined
  const [ownerKind, ownerName] = [textOf(fieldsOf(pod.owner).kind), textOf(fieldsOf(pod.owner).name)]
  const longAnnotations = listOf(pod.longAnnotations).flatMap((key) => textOf(key) ?? [])
  return {
    uid,
    namespace,
    name,
    node: textOf(pod.node),
    podIP: textOf(pod.podIP),
    configHash: textOf(pod.configHash),
    owner: ownerKind === undefined || ownerName === undefined ? undefined : { kind: ownerKind, name: ownerName },
    labels: stringsOf(pod.labels),
    annotations: stringsOf(pod.annotations),
    ...(longAnnotations.length > 0 && { longAnnotations }),
    isCached: true,
    containers: new Map(listOf(pod.containers).flatMap((container) => containerOf(listOf(container)))),
  }
}

function containerOf([name, value]: readonly unknown[]): [string, ContainerRecord][] {
  const { kind, image, containerID, restartCount, isRunning } = fieldsOf(value)
  if (typeof name !== 'string' || !isKind(kind)) return []
  const record: ContainerRecord = {
    kind,
    image: typeof image === 'string' ? image : '',
    containerID: textOf(containerID),
    restartCount: typeof restartCount === 'number' ? restartCount : undefined,
    ...(isRunning === true && { isRunning }),
  }
  return [[name, record]]
}

function isKind(kind: unknown): kind is ContainerRecord['kind'] {
  return KINDS.has(kind)
}
