import { once } from 'node:events'
import { connect } from 'node:tls'
import { KubeConfig } from '@kubernetes/client-node'
import { missingTools } from '../runner/tools.ts'
import { chooseNode, internalAddress, kubernetesMinor } from './cluster.ts'
import { kubeConfigText } from './kubectl.ts'
import { settings } from './settings.ts'

/** What `node:test` takes as `skip`: the reason, or false to run. */
export type Skip = string | false

/** Every scenario needs an image; each further need says why it cannot be met, or undefined. */
export async function unlessMet(...needs: (() => Promise<string | undefined>)[]): Promise<Skip> {
  if (settings.image === undefined) return 'LOGGY_E2E_IMAGE names no image: e2e/README.md'
  for (const need of needs) {
    const reason = await need()
    if (reason !== undefined) return reason
  }
  return false
}

/** `what` is the feature that came, switched on, with Kubernetes 1.`minor`. */
export function kubernetes(minor: number, what: string): () => Promise<string | undefined> {
  return async () => {
    const has = await kubernetesMinor()
    return has >= minor ? undefined : `needs Kubernetes 1.${minor} or later for ${what}; this cluster is 1.${has}`
  }
}

/** A way to stop the API server and to start it again. */
export async function apiControl(): Promise<string | undefined> {
  return settings.api
    ? undefined
    : 'needs LOGGY_E2E_API_STOP and LOGGY_E2E_API_START, which stop and start the API server'
}

/** A folder of static pods. */
export async function staticPodFolder(): Promise<string | undefined> {
  return settings.staticPods ? undefined : "needs LOGGY_E2E_STATIC_PODS, the folder of the kubelet's static pods"
}

/** A kubelet whose certificate the cluster's authority has signed, as no kubelet's is by default. */
export async function verifiableKubelet(): Promise<string | undefined> {
  const config = new KubeConfig()
  config.loadFromString(await kubeConfigText())
  const ca = Buffer.from(config.getCurrentCluster()?.caData ?? '', 'base64')
  const host = internalAddress(await chooseNode())
  const socket = connect({ host, port: 10_250, ca, rejectUnauthorized: true, timeout: 5000 })
  try {
    await once(socket, 'secureConnect')
    return undefined
  } catch (error) {
    return `needs a kubelet that the cluster's authority vouches for (docs/kubelet.md): ${error}`
  } finally {
    socket.destroy()
  }
}

/** Helm, which installs the chart. */
export async function helmCommand(): Promise<string | undefined> {
  return missingTools(['helm'], process.env)[0]
}
