import assert from 'node:assert/strict'
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import { kubeConfigText } from './kubectl.ts'

/** The way to the cluster of a service account, with a token such as the kubelet mounts into its pods. */
export async function kubeConfigOf({ name, namespace }: { name: string; namespace: string }): Promise<KubeConfig> {
  const admin = new KubeConfig()
  admin.loadFromString(await kubeConfigText())
  const body = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { audiences: [], expirationSeconds: 600 },
  }
  const { status } = await admin.makeApiClient(CoreV1Api).createNamespacedServiceAccountToken({ name, namespace, body })
  const cluster = admin.getCurrentCluster()
  assert.ok(cluster)
  const account = new KubeConfig()
  account.loadFromClusterAndUser(cluster, { name, token: status?.token ?? '' })
  return account
}
