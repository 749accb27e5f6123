import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exitCodeOf, mustRun, type Shell, unstoppable } from './command.ts'
import type { KindTarget } from './options.ts'

const NAME = 'loggy-e2e'
const CONFIG = join(import.meta.dirname, '../kind.yaml')
const CHECKOUT = join(import.meta.dirname, '../..')
const IMAGE = 'loggy:e2e'
const NEXT_IMAGE = 'loggy:e2e-next'
const BUSYBOX = 'busybox:1'

/** Where kubeadm has the kubelet look for static pods, the API server's among them. */
const STATIC_PODS = '/etc/kubernetes/manifests'

/** What the suite gets told, beside what is set already. */
export type SuiteEnvironment = Readonly<Record<string, string>>

/** Makes a cluster with the images in it, has the suite run on it, and deletes it. Resolves with the suite's exit code. */
export async function onKindCluster(
  { keep, nodeImage }: KindTarget,
  shell: Shell,
  runOn: (environment: SuiteEnvironment) => Promise<number>,
  artifacts: string,
): Promise<number> {
  // Before the cluster: what fails more often, and leaves nothing behind.
  await makeImages(shell)
  const folder = await mkdtemp(join(tmpdir(), 'loggy-e2e-kind-'))
  const kubeconfig = join(folder, 'kubeconfig')
  const create = ['kind', 'create', 'cluster', '--name', NAME, '--config', CONFIG, '--kubeconfig', kubeconfig]
  try {
    await mustRun([...create, '--wait', '180s', ...(nodeImage ? ['--image', nodeImage] : [])], shell)
    await mustRun(['kind', 'load', 'docker-image', IMAGE, NEXT_IMAGE, BUSYBOX, '--name', NAME], shell)
    const code = await runOn({ KUBECONFIG: kubeconfig, ...environment() })
    if (code !== 0) await exitCodeOf(['kind', 'export', 'logs', join(artifacts, 'kind'), '--name', NAME], shell)
    return code
  } finally {
    if (keep) shell.say(`The cluster stays: export KUBECONFIG=${kubeconfig}; kind delete cluster --name ${NAME}`)
    else {
      await exitCodeOf(['kind', 'delete', 'cluster', '--name', NAME, '--kubeconfig', kubeconfig], unstoppable(shell))
      await rm(folder, { recursive: true })
    }
  }
}

async function makeImages(shell: Shell): Promise<void> {
  for (const image of [IMAGE, NEXT_IMAGE])
    await mustRun(['docker', 'build', '--tag', image, '--build-arg', `VERSION=${image.split(':')[1]}`, CHECKOUT], shell)
  await mustRun(['docker', 'pull', BUSYBOX], shell)
}

function environment(): SuiteEnvironment {
  const onControlPlane = (script: string) => `docker exec ${NAME}-control-plane sh -c '${script}'`
  const manifest = 'kube-apiserver.yaml'
  return {
    LOGGY_E2E_IMAGE: IMAGE,
    LOGGY_E2E_NEXT_IMAGE: NEXT_IMAGE,
    LOGGY_E2E_BUSYBOX: BUSYBOX,
    LOGGY_E2E_STATIC_PODS: STATIC_PODS,
    // Without its manifest the kubelet ends it in its own time, and does not start it again.
    LOGGY_E2E_API_STOP: onControlPlane(`mv ${STATIC_PODS}/${manifest} /etc/kubernetes/`),
    LOGGY_E2E_API_START: onControlPlane(`mv /etc/kubernetes/${manifest} ${STATIC_PODS}/`),
  }
}
