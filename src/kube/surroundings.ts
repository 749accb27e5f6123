import type { LabelStore } from './label-store.ts'

/** Maximum number of namespaces to remember; more than a node has pods. */
const MAXIMUM_NAMESPACES = 1000

type Labels = Readonly<Record<string, string>>

/** Metadata that all containers of a namespace share on this node; the same object until it changes. */
export interface Around {
  readonly node: string
  readonly namespaceLabels: Labels | undefined
  readonly nodeLabels: Labels | undefined
  /** Whether some of these labels are from the disk; see PodRecord. */
  readonly isCached: boolean
}

export interface SurroundingsParts {
  readonly nodeName: string
  readonly namespaces: LabelStore
  readonly nodes: LabelStore
}

/** What surrounds the pods of a node: the labels of their namespaces, and of the node. */
export class Surroundings {
  readonly #parts: SurroundingsParts
  readonly #known = new Map<string, Around>()

  constructor(parts: SurroundingsParts) {
    this.#parts = parts
  }

  /** Labels are undefined if they are not used or not known. */
  of(namespace: string): Around {
    const { nodeName: node, namespaces, nodes } = this.#parts
    const last = this.#known.get(namespace)
    const [ofNamespace, ofNode] = [namespaces.find(namespace), nodes.find(node)]
    const [namespaceLabels, nodeLabels] = [ofNamespace?.labels, ofNode?.labels]
    if (last !== undefined && last.namespaceLabels === namespaceLabels && last.nodeLabels === nodeLabels) return last
    if (this.#known.size >= MAXIMUM_NAMESPACES) this.#known.clear()
    const isCached = ofNamespace?.isCached === true || ofNode?.isCached === true
    const around = { node, namespaceLabels, nodeLabels, isCached }
    this.#known.set(namespace, around)
    return around
  }
}
