import { existsSync, readFileSync } from 'node:fs'
import type { RequestOptions } from 'node:https'
import { delimiter, join } from 'node:path'
// The package's index would load every API class: 85 MB of memory.
import { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import type { Cluster, User } from '@kubernetes/client-node/dist/config_types.js'
import type { Clock } from '../lib/clock.ts'
import { LoggyError } from '../lib/errors.ts'
import { ExecPlugin } from './exec-plugin.ts'
import { fingerprintOf } from './file-version.ts'
import { readKubeconfig, type UserSettings } from './kubeconfig.ts'
import { type KubeletAddress, kubeletConnection } from './kubelet-connection.ts'

/** Where to find the server's address and the credentials. */
export type ConnectionSource =
  | { readonly kind: 'service-account'; readonly server: string; readonly directory: string }
  /** `context`: used instead of the file's current context. */
  | { readonly kind: 'kubeconfig'; readonly files: readonly string[]; readonly context?: string | undefined }
  /** A node's kubelet, with the credentials of another source. */
  | { readonly kind: 'kubelet'; readonly kubelet: KubeletAddress; readonly credentials: ConnectionSource }

/** What kubectl takes where no namespace is named. */
const DEFAULT_NAMESPACE = 'default'

/** Source: the kubelet mounts the service account here, unless `automountServiceAccountToken` is false. */
const serviceAccountDirectory = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * The first that exists of: the files in KUBECONFIG, the pod's service account, `~/.kube/config`. KUBECONFIG comes first also inside a
 * cluster, since somebody set it on purpose. Throws LoggyError `KUBE_CONFIG_MISSING`.
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

/** Like kubectl, ignores files that do not exist if at least one does. */
function kubeconfigSource(files: readonly string[], why: string): ConnectionSource {
  const present = files.filter((file) => existsSync(file))
  if (present.length > 0) return { kind: 'kubeconfig', files: present }
  throw new LoggyError('KUBE_CONFIG_MISSING', `no way to reach the API server: ${why} ${missing(files)}`)
}

function missing(files: readonly string[]): string {
  return files.length === 1 ? `${files[0]} does not exist` : `none of ${files.join(', ')} exists`
}

/** A loaded connection. It keeps the CA, the token and the agent; if the files change, a new one must be loaded. */
export interface Connection {
  readonly server: URL
  /** Where kubectl would look: the namespace of the context, or of the own pod; `default` where none is named. */
  readonly namespace: string
  /** Adds credentials, trusted certificates and the proxy to the options of a request. Rejects if there are no credentials. */
  authorize(options: RequestOptions): Promise<void>
  /** The files that it was read from. */
  readonly files: readonly string[]
  /** Fingerprint of these files; it is different if one of them has changed. */
  readonly fingerprint: string
}

/** What a connection needs of the process: exec plugins inherit its environment. */
export interface ConnectionParts {
  readonly clock: Clock
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Reads the files now. Throws LoggyError `KUBE_CONFIG_INVALID`. */
export function loadConnection(source: ConnectionSource, parts: ConnectionParts): Connection {
  if (source.kind === 'kubelet') {
    const base = loadConnection(source.credentials, parts)
    return orInvalid(`the certificates in ${source.kubelet.caFile}`, () => kubeletConnection(base, source.kubelet))
  }
  const name = source.kind === 'kubeconfig' ? source.files.join(', ') : source.directory
  return orInvalid(`the connection to the API server in ${name}`, () =>
    source.kind === 'kubeconfig' ? fromKubeconfig(source, parts) : fromServiceAccount(source),
  )
}

function orInvalid(what: string, load: () => Connection): Connection {
  try {
    return load()
  } catch (error) {
    throw new LoggyError('KUBE_CONFIG_INVALID', `cannot use ${what}`, { cause: error })
  }
}

/** Whether a file of the connection has changed since it was loaded. */
export function hasChanged({ files, fingerprint }: Connection): boolean {
  return fingerprintOf(files) !== fingerprint
}

function fromKubeconfig(
  { files, context }: ConnectionSource & { kind: 'kubeconfig' },
  parts: ConnectionParts,
): Connection {
  const { cluster, user, namespace = DEFAULT_NAMESPACE } = readKubeconfig(files, context)
  const { ca, ...settings } = cluster
  const { cert, key, token, username, password, authProvider, exec, impersonation } = user
  const config = new KubeConfig()
  config.loadFromClusterAndUser(
    { name: 'cluster', ...settings, ...(ca.data !== undefined && { caData: ca.data }) } as Cluster,
    { name: 'user', certData: cert.data, keyData: key.data, token, username, password, authProvider } as User,
  )
  // Like kubectl, uses an existing token instead of running a program for one.
  if (exec !== undefined && token === undefined) config.addAuthenticator(new ExecPlugin(exec, cluster, parts))
  const named = [ca.file, cert.file, key.file, user.tokenFile].filter((file) => file !== undefined)
  const { server } = cluster
  return connectionOf(config, { server, namespace, headers: impersonation, files: [...files, ...named] })
}

function fromServiceAccount({ server, directory }: ConnectionSource & { kind: 'service-account' }): Connection {
  const config = new KubeConfig()
  const [caFile, tokenFile] = [join(directory, 'ca.crt'), join(directory, 'token')]
  config.loadFromClusterAndUser(
    { name: 'cluster', server, caFile, skipTLSVerify: false },
    { name: 'service-account', token: readFileSync(tokenFile, 'utf8').trim() },
  )
  const namespace = readNamespace(join(directory, 'namespace'))
  return connectionOf(config, { server, namespace, headers: {}, files: [tokenFile, caFile] })
}

/** Of the own pod: the kubelet mounts the file beside the token. */
function readNamespace(file: string): string {
  return (existsSync(file) ? readFileSync(file, 'utf8').trim() : '') || DEFAULT_NAMESPACE
}

function connectionOf(
  config: KubeConfig,
  {
    server,
    headers,
    ...rest
  }: Pick<Connection, 'namespace' | 'files'> & {
    server: string
    headers: UserSettings['impersonation']
  },
): Connection {
  const url = new URL(server)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new Error(`its server ${server} is no http or https URL`)
  // KubeConfig refuses plain HTTP unless this is set, although there is no TLS to skip.
  if (url.protocol === 'http:') Object.assign(config.getCurrentCluster() ?? {}, { skipTLSVerify: true })
  const authorize = async (options: RequestOptions) => {
    await config.applyToHTTPSOptions(options)
    options.headers = { ...options.headers, ...headers }
  }
  return { server: url, authorize, ...rest, fingerprint: fingerprintOf(rest.files) }
}
