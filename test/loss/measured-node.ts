import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FakeApiServer } from '../../src/simulation/api-server.ts'
import { Kubelet, type KubeletOptions } from '../../src/simulation/kubelet.ts'

/** A simulated node in this process, and a config file for an agent that writes its entries to standard output. */
export interface MeasuredNode {
  readonly kubelet: Kubelet
  readonly configPath: string
  close(): Promise<void>
}

export async function startMeasuredNode(
  name: string,
  options: { readonly kubelet?: KubeletOptions; readonly config?: Readonly<Record<string, object>> } = {},
): Promise<MeasuredNode> {
  const root = mkdtempSync(join(tmpdir(), `loggy-${name}-`))
  const api = await FakeApiServer.start()
  const kubelet = new Kubelet(root, api, options.kubelet)
  const [configPath, kubeconfig, state] = [join(root, 'loggy.yaml'), join(root, 'kubeconfig'), join(root, 'state')]
  writeFileSync(kubeconfig, api.kubeconfig)
  mkdirSync(state)
  const config = {
    source: { directory: kubelet.logDirectory },
    state: { directory: state },
    kubernetes: { nodeName: kubelet.nodeName, kubeconfig },
  }
  writeFileSync(configPath, JSON.stringify({ ...config, ...options.config }))
  const close = async () => {
    kubelet.close()
    await api.close()
    rmSync(root, { recursive: true })
  }
  return { kubelet, configPath, close }
}
