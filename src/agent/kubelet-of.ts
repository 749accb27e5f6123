import type { Config } from '../config/schema.ts'
import { connectKubelet } from '../kube/client.ts'
import type { ClusterMetadataParts } from '../kube/cluster-metadata.ts'
import type { ConnectionParts } from '../kube/connection.ts'

/** The node's kubelet, if pods' metadata come from there. */
export function kubeletOf({ enrich, kubernetes }: Config, parts: ConnectionParts): ClusterMetadataParts['kubelet'] {
  if (enrich.from === 'api') return undefined
  const { kubeconfig, nodeName: node, kubeletUrl: url, kubeletCaFile: caFile } = kubernetes
  const client = connectKubelet({ kubeconfig, kubelet: { url, node, caFile } }, parts)
  return { client, asks: enrich.from === 'kubelet' ? 'always' : 'unknown' }
}
