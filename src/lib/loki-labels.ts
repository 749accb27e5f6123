/** Labels that tell Loki's streams apart: few, and the same for as long as a container exists. */
export const INDEX_LABELS = ['cluster', 'namespace', 'app', 'container', 'node'] as const

/** Names that the entries' own metadata have. No index label may be called so: a query could not tell them apart. */
export const METADATA_NAMES = ['pod', 'uid', 'restart', 'stream', 'level', 'id', 'metadata', 'metadataOmitted'] as const

/** What the names of metadata begin with that are of a pod's labels and annotations, or of its namespace and node. */
export const METADATA_PREFIXES = ['label_', 'annotation_', 'namespace_label_', 'node_label_'] as const

/** What Loki allows as a name: letters, digits and `_`, no digit first. Source: Prometheus, data model, "Metric names and labels". */
export function labelName(text: string): string {
  const name = text.replace(/[^a-zA-Z0-9_]/gu, '_')
  return /^\d/.test(name) ? `_${name}` : name
}
