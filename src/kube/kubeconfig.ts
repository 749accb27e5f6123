import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { parse } from 'yaml'
import { type ExecSettings, readExec } from './exec-settings.ts'
import { type Fields, fieldsOf, listOf, textOf } from './fields.ts'
import { KubeconfigFields } from './kubeconfig-fields.ts'

/**
 * The cluster and user of a kubeconfig's current context. File paths are absolute; data takes precedence over a file.
 * Source: `kubeconfig (v1)` of the Kubernetes reference, and client-go's `tools/clientcmd` for the precedence.
 */
export interface Kubeconfig {
  readonly cluster: ClusterSettings
  readonly user: UserSettings
  /** Of the context; undefined if it names none. */
  readonly namespace: string | undefined
}

export interface ClusterSettings {
  readonly server: string
  readonly ca: Material
  readonly skipTLSVerify: boolean
  readonly tlsServerName: string | undefined
  readonly proxyUrl: string | undefined
  /** Loggy never asks for compression; this is passed on to exec plugins. */
  readonly disableCompression: boolean
  /** From the extension `client.authentication.k8s.io/exec`: passed to the exec plugin unchanged. */
  readonly execConfig: unknown
}

export interface UserSettings {
  readonly token: string | undefined
  /** Read again when it changes; takes precedence over `token`. */
  readonly tokenFile: string | undefined
  readonly cert: Material
  readonly key: Material
  readonly username: string | undefined
  readonly password: string | undefined
  readonly authProvider: Fields | undefined
  readonly exec: ExecSettings | undefined
  /** Headers to impersonate another user. */
  readonly impersonation: Readonly<Record<string, string | string[]>>
}

/** A certificate or key: base64 of its PEM, and its file, unless the data is in the kubeconfig. */
export interface Material {
  readonly data: string | undefined
  readonly file: string | undefined
}

/** kubectl 1.26 and later has only oidc; the Kubernetes client still supports the two clouds' own. */
const authProviders = ['oidc', 'gcp', 'azure']

/** Merges the files. Throws for what kubectl refuses too, and for what Loggy does not support; one message has all faults. */
export function readKubeconfig(files: readonly string[], contextName?: string): Kubeconfig {
  const parts = files.map((file) => ({ tree: fieldsOf(parse(readFileSync(file, 'utf8'))), directory: dirname(file) }))
  const find = (list: string, member: string, name: string | undefined): KubeconfigFields | undefined => {
    if (name === undefined) return undefined
    // The first file that has the name wins. Source: "Merging kubeconfig files" of the Kubernetes documentation.
    for (const { tree, directory } of parts) {
      const entry = listOf(tree[list]).find((entry) => fieldsOf(entry).name === name)
      if (entry !== undefined)
        return new KubeconfigFields(fieldsOf(fieldsOf(entry)[member]), { path: `${list}.${name}`, directory })
    }
    return undefined
  }
  const current = contextName ?? parts.map(({ tree }) => textOf(tree['current-context'])).find((name) => name)
  if (current === undefined) throw new Error('it has no current-context')
  const context = find('contexts', 'context', current)
  if (context === undefined)
    throw new Error(`it has no context '${current}'; its contexts: ${namesOf(parts, 'contexts')}`)
  const [clusterName, userName] = [context.text('cluster'), context.text('user')]
  const cluster = find('clusters', 'cluster', clusterName)
  if (cluster === undefined)
    throw new Error(`it has no cluster '${clusterName}'; its clusters: ${namesOf(parts, 'clusters')}`)
  // Without a user, kubectl sends anonymous requests.
  const user =
    userName === undefined
      ? new KubeconfigFields({}, { path: 'users', directory: '' })
      : find('users', 'user', userName)
  if (user === undefined) throw new Error(`it has no user '${userName}'; its users: ${namesOf(parts, 'users')}`)
  const namespace = context.text('namespace')
  const kubeconfig = { cluster: clusterSettings(cluster), user: userSettings(user), namespace }
  const faults = [context, cluster, user].flatMap(({ faults }) => faults)
  if (faults.length > 0) throw new Error(faults.join('; '))
  return kubeconfig
}

function namesOf(parts: readonly { readonly tree: Fields }[], list: string): string {
  const names = parts.flatMap(({ tree }) => listOf(tree[list])).map((entry) => fieldsOf(entry).name)
  return names.join(', ') || 'none'
}

function clusterSettings(fields: KubeconfigFields): ClusterSettings {
  const server = fields.text('server')
  if (server === undefined) fields.fault('server', 'is missing')
  const proxyUrl = fields.text('proxy-url')
  if (proxyUrl !== undefined && !/^(https?|socks5):\/\/[^/]/.test(proxyUrl))
    fields.fault('proxy-url', 'must begin with http://, https:// or socks5://')
  const extension = fields
    .list('extensions')
    .map(fieldsOf)
    .find(({ name }) => name === 'client.authentication.k8s.io/exec')
  return {
    // Source: client-go uses plain HTTP for an address without a scheme.
    server: server === undefined || server.includes('://') ? (server ?? '') : `http://${server}`,
    ca: fields.material('certificate-authority'),
    skipTLSVerify: fields.flag('insecure-skip-tls-verify'),
    tlsServerName: fields.text('tls-server-name'),
    proxyUrl,
    disableCompression: fields.flag('disable-compression'),
    execConfig: extension?.extension,
  }
}

function userSettings(fields: KubeconfigFields): UserSettings {
  const [cert, key] = [fields.material('client-certificate'), fields.material('client-key')]
  if (cert.data !== undefined && key.data === undefined)
    fields.fault('client-key', 'is missing, but there is a certificate')
  const tokenFile = fields.file('tokenFile')
  const token = tokenFile === undefined ? fields.text('token') : tokenOf(tokenFile, fields)
  const [username, password] = [fields.text('username'), fields.text('password')]
  if (token !== undefined && username !== undefined) fields.fault('username', 'cannot be combined with a token')
  const exec = fields.section('exec')
  const authProvider = fields.section('auth-provider')?.value
  if (exec !== undefined && authProvider !== undefined) fields.fault('auth-provider', 'cannot be combined with exec')
  if (authProvider !== undefined && !authProviders.includes(String(authProvider.name)))
    fields.fault('auth-provider.name', `must be one of ${authProviders.join(', ')}`)
  const execSettings = exec && readExec(exec)
  for (const fault of exec?.faults ?? []) fields.faults.push(fault)
  const impersonation = impersonationOf(fields)
  return { token, tokenFile, cert, key, username, password, authProvider, exec: execSettings, impersonation }
}

/** Like client-go, falls back to the token in the kubeconfig if the file cannot be read. */
function tokenOf(file: string, fields: KubeconfigFields): string | undefined {
  const token = fields.text('token')
  try {
    return readFileSync(file, 'utf8').trim() || token
  } catch (error) {
    if (token === undefined)
      fields.fault('tokenFile', `cannot be read: ${error instanceof Error ? error.message : error}`)
    return token
  }
}

/** Source: "User impersonation" of the Kubernetes documentation; keys of extra fields are escaped as in URLs. */
function impersonationOf(fields: KubeconfigFields): Readonly<Record<string, string | string[]>> {
  const [as, uid, groups] = [fields.text('as'), fields.text('as-uid'), fields.texts('as-groups')]
  const extra = fields.section('as-user-extra')
  if (as === undefined) {
    if (uid !== undefined || groups.length > 0 || extra !== undefined)
      fields.fault('as', 'is required with as-uid, as-groups or as-user-extra')
    return {}
  }
  const extras = Object.keys(extra?.value ?? {}).map((key) => [
    `Impersonate-Extra-${encodeURIComponent(key)}`,
    extra?.texts(key) ?? [],
  ])
  for (const fault of extra?.faults ?? []) fields.faults.push(fault)
  return {
    'Impersonate-User': as,
    ...(uid !== undefined && { 'Impersonate-Uid': uid }),
    ...(groups.length > 0 && { 'Impersonate-Group': groups }),
    ...Object.fromEntries(extras),
  }
}
