import type { PodRecord } from '../../src/model/pod-record.ts'
import type { PodSpec } from '../../src/simulation/pod-object.ts'

/** `shop/web` with a label and an annotation. */
export const webSpec: PodSpec = {
  namespace: 'shop',
  name: 'web',
  labels: { app: 'web' },
  annotations: { team: 'payments' },
  containers: [{ name: 'app', image: 'shop/web:1' }],
}

/** A pod `shop/web` with these annotations and nothing else. */
export function podWith(annotations: Readonly<Record<string, string>>, names: Partial<PodRecord> = {}): PodRecord {
  const base = { uid: 'u', namespace: 'shop', name: 'web', node: 'node-1', podIP: undefined, configHash: undefined }
  return { ...base, owner: undefined, labels: {}, annotations, containers: new Map(), ...names }
}
