import { type Fields, fieldsOf, textOf } from '../kube/fields.ts'

/** The fields of an agent's pod that are needed to call it. */
export interface AgentPod {
  readonly uid: string
  readonly namespace: string
  readonly name: string
  /** Undefined until it is scheduled. */
  readonly node: string | undefined
  /** `Terminating` once it is being deleted, otherwise its phase. */
  readonly state: string
}

/** Trims a Pod object of the API; throws if it has no name or uid. */
export function projectAgentPod(object: unknown): AgentPod {
  const { metadata, spec, status } = fieldsOf(object)
  const { uid, namespace, name, deletionTimestamp } = fieldsOf(metadata)
  return {
    uid: required(uid, 'uid'),
    namespace: required(namespace, 'namespace'),
    name: required(name, 'name'),
    node: nodeOf({ spec }),
    state: deletionTimestamp === undefined ? (textOf(fieldsOf(status).phase) ?? 'Unknown') : 'Terminating',
  }
}

/** The node that a pod runs on; undefined until it is scheduled. */
export function nodeOf({ spec }: Fields): string | undefined {
  return textOf(fieldsOf(spec).nodeName)
}

function required(value: unknown, name: string): string {
  const text = textOf(value)
  if (text === undefined) throw new Error(`a pod without ${name}`)
  return text
}
