/** What the suite is told about the cluster it runs on; e2e/README.md explains each. The runner sets most of it. */
export interface Settings {
  /** The image to test. */
  readonly image: string | undefined
  /** Another one, to which a DaemonSet is rolled. */
  readonly nextImage: string | undefined
  readonly busybox: string
  /** This machine's address, to which agents post entries; undefined: the one it would send to the node from. */
  readonly host: string | undefined
  /** Part of all names that this run makes, so that what a dead scenario leaves can be found. */
  readonly run: string
  /** Where logs and events of what failed are put. */
  readonly artifacts: string
  /** Shell commands that stop and start the API server. */
  readonly api: { readonly stop: string; readonly start: string } | undefined
  /** The folder of the nodes from which their kubelets take static pods. */
  readonly staticPods: string | undefined
  /** The command of Helm. */
  readonly helm: string
}

export const settings: Settings = fromEnvironment(process.env)

function fromEnvironment(env: NodeJS.ProcessEnv): Settings {
  const { LOGGY_E2E_API_STOP: stop, LOGGY_E2E_API_START: start } = env
  return {
    image: env.LOGGY_E2E_IMAGE,
    nextImage: env.LOGGY_E2E_NEXT_IMAGE,
    busybox: env.LOGGY_E2E_BUSYBOX ?? 'busybox:1',
    host: env.LOGGY_E2E_HOST,
    run: env.LOGGY_E2E_RUN ?? Date.now().toString(36),
    artifacts: env.LOGGY_E2E_ARTIFACTS ?? 'e2e-artifacts',
    api: stop === undefined || start === undefined ? undefined : { stop, start },
    staticPods: env.LOGGY_E2E_STATIC_PODS,
    helm: env.HELM ?? 'helm',
  }
}
