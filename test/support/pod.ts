import type { PodRecord } from '../../src/model/pod-record.ts'

/** A pod `shop/web` with these annotations and nothing else. */
export function podWith(annotations: Readonly<Record<string, string>>, names: Partial<PodRecord> = {}): PodRecord {
  const base = { uid: 'u', namespace: 'shop', name: 'web', node: 'node-1', podIP: undefined, configHash: undefined }
  return { ...base, owner: undefined, labels: {}, annotations, containers: new Map(), ...names }
}
