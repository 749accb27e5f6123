import { existsSync, readFileSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
// Its index would load every API class: 85 MB of memory.
import { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import { LoggyError } from '../lib/errors.ts'

/** Where the API server's address and the credentials come from. */
export type ConnectionSource =
  | { readonly kind: 'service-account'; readonly server: string; readonly directory: string }
  /** `context`: another one than the file's current one. */
  | { readonly kind: 'kubeconfig'; readonly files: readonly string[]; readonly context?: string | undefined }

/** Source: the kubelet mounts it there, unless `automountServiceAccountToken` is false. */
const serviceAccountDirectory = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * The first of: the files of KUBECONFIG, the pod's service account, `~/.kube/config`. Who sets KUBECONFIG wants it, inside a cluster
 * too. Throws LoggyError `KUBE_CONFIG_MISSING`.
 */
export function findConnection(
  environment: Readonly<Record<string, string | undefined>>,
  options: { readonly serviceAccountDirectory: string } = { serviceAccountDirectory },
): ConnectionSource {
  const named = (environment.KUBECONFIG ?? '').split(delimiter).filter((file) => file !== '')
  if (named.length > 0) return kubeconfigSource(named, `KUBECONFIG names ${named.join(', ')}`)
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = environment
  const directory = options.serviceAccountDirectory
  if (host !== undefined && host !== '' && existsSync(join(directory, 'token'))) {
    const address = host.includes(':') ? `[${host}]` : host
    return { kind: 'service-account', server: `https://${address}:${port ?? '443'}`, directory }
  }
  const home = join(environment.HOME ?? '/', '.kube', 'config')
  return kubeconfigSource([home], `there is no service account in ${directory}, KUBECONFIG is not set, and`)
}

/** As kubectl does, files that do not exist are passed over as long as one does. */
function kubeconfigSource(files: readonly string[], why: string): ConnectionSource {
  const present = files.filter((file) => existsSync(file))
  if (present.length > 0) return { kind: 'kubeconfig', files: present }
  throw new LoggyError('KUBE_CONFIG_MISSING', `no way to reach the API server: ${why} ${missing(files)}`)
}

function missing(files: readonly string[]): string {
  return files.length === 1 ? `${files[0]} does not exist` : `none of ${files.join(', ')} exists`
}

/** A loaded connection. Its KubeConfig caches the CA, the token and the agent, so a change of the files calls for a new one. */
export interface Connection {
  readonly config: KubeConfig
  readonly server: URL
  /** Of the files it was read from; another text means that one of them has changed. */
  readonly fingerprint: string
}

/** Reads the files now. Throws LoggyError `KUBE_CONFIG_INVALID`. */
export function loadConnection(source: ConnectionSource): Connection {
  try {
    const config = source.kind === 'kubeconfig' ? fromKubeconfig(source) : fromServiceAccount(source)
    const cluster = config.getCurrentCluster()
    if (cluster === null) throw new Error('it names no current context with a cluster')
    // KubeConfig refuses plain HTTP unless this is set, although there is no TLS to skip.
    if (cluster.server.startsWith('http:')) Object.assign(cluster, { skipTLSVerify: true })
    return { config, server: new URL(cluster.server), fingerprint: fingerprintOf(source, config) }
  } catch (error) {
    const name = source.kind === 'kubeconfig' ? source.files.join(', ') : source.directory
    throw new LoggyError('KUBE_CONFIG_INVALID', `cannot use the connection to the API server in ${name}`, {
      cause: error,
    })
  }
}

/** Whether a file behind the connection is another one than when it was loaded. */
export function hasChanged(source: ConnectionSource, connection: Connection): boolean {
  return fingerprintOf(source, connection.config) !== connection.fingerprint
}

function fromKubeconfig({ files, context }: ConnectionSource & { kind: 'kubeconfig' }): KubeConfig {
  const config = fromFiles(files)
  if (context === undefined) return config
  const names = config.getContexts().map(({ name }) => name)
  if (!names.includes(context)) throw new Error(`it has no context '${context}' but ${names.join(', ') || 'none'}`)
  config.setCurrentContext(context)
  return config
}

function fromFiles(files: readonly string[]): KubeConfig {
  const config = new KubeConfig()
  for (const [index, file] of files.entries()) {
    const part = new KubeConfig()
    part.loadFromFile(file)
    if (index === 0) Object.assign(config, part)
    else config.mergeConfig(part, config.getCurrentContext() !== undefined)
  }
  return config
}

function fromServiceAccount(source: ConnectionSource & { kind: 'service-account' }): KubeConfig {
  const config = new KubeConfig()
  config.loadFromClusterAndUser(
    { name: 'cluster', server: source.server, caFile: join(source.directory, 'ca.crt'), skipTLSVerify: false },
    { name: 'service-account', token: readFileSync(join(source.directory, 'token'), 'utf8').trim() },
  )
  return config
}

function fingerprintOf(source: ConnectionSource, config: KubeConfig): string {
  const user = config.getCurrentUser()
  const files = source.kind === 'kubeconfig' ? source.files : [join(source.directory, 'token')]
  const named = [
    config.getCurrentCluster()?.caFile,
    user?.certFile,
    user?.keyFile,
    user?.authProvider?.config?.tokenFile,
  ]
  return [...files, ...named.filter((file) => typeof file === 'string')].map(fileVersion).join(' ')
}

/** The kubelet renews projected files by swapping a link, so the inode tells; a rewritten file changes size or time. */
function fileVersion(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false })
  return stats === undefined ? '-' : `${stats.ino}:${stats.size}:${stats.mtimeMs}`
}
