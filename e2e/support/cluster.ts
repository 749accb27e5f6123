import assert from 'node:assert/strict'
import { kubectlJson } from './kubectl.ts'

export interface Node {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> }
  readonly spec: { readonly taints?: readonly object[]; readonly unschedulable?: boolean }
  readonly status: {
    readonly addresses: readonly { readonly type: string; readonly address: string }[]
    readonly nodeInfo: { readonly kubeletVersion: string }
  }
}

/** All Linux nodes: those on which there is an agent. */
export async function linuxNodes(): Promise<Node[]> {
  return (await kubectlJson<{ items: Node[] }>('get', 'nodes', '--selector', 'kubernetes.io/os=linux')).items
}

/** The first Linux node on which any pod may run. */
export async function chooseNode(): Promise<Node> {
  const free = (await linuxNodes()).find(({ spec }) => spec.unschedulable !== true && (spec.taints ?? []).length === 0)
  assert.ok(free, 'no node takes any pod')
  return free
}

export function hostnameOf({ metadata }: Node): string {
  return metadata.labels['kubernetes.io/hostname'] ?? metadata.name
}

export function internalAddress({ status }: Node): string {
  const found = status.addresses.find(({ type }) => type === 'InternalIP')
  assert.ok(found, 'the node has no internal address: set LOGGY_E2E_HOST')
  return found.address
}

/** The 20 of a Kubernetes 1.20: of the nodes, which are never newer than their API server. */
export async function kubernetesMinor(): Promise<number> {
  const { kubeletVersion } = (await chooseNode()).status.nodeInfo
  return Number(/^v1\.(\d+)/.exec(kubeletVersion)?.[1])
}
