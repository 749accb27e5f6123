import childProcess from 'node:child_process'
import type { RequestOptions } from 'node:https'
import { promisify } from 'node:util'
import type { Clock } from '../lib/clock.ts'
import { systemCode } from '../lib/errors.ts'
import type { ExecSettings } from './exec-settings.ts'
import { fieldsOf, textOf } from './fields.ts'
import type { ClusterSettings } from './kubeconfig.ts'

/** Milliseconds. A login over the network takes a few seconds; a plugin that waits for input would wait for ever. */
const timeoutMs = 60_000

interface Credentials {
  readonly token: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

interface ExecParts {
  readonly clock: Clock
  /** The environment that the program inherits, especially PATH. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/**
 * Gets credentials from the program in a kubeconfig, and caches them until they expire. The Kubernetes client's own plugin code passes
 * neither cluster nor API version, gives the program a pipe as standard input, and has no timeout. Source: `Client Authentication (v1)`.
 */
export class ExecPlugin {
  readonly #settings: ExecSettings
  readonly #cluster: ClusterSettings
  readonly #parts: ExecParts
  #credentials: Promise<Credentials> | undefined

  constructor(settings: ExecSettings, cluster: ClusterSettings, parts: ExecParts) {
    this.#settings = settings
    this.#cluster = cluster
    this.#parts = parts
  }

  isAuthProvider(): boolean {
    return true
  }

  /** Rejects if the program cannot be run or prints no credentials. */
  async applyAuthentication(_user: unknown, options: RequestOptions): Promise<void> {
    const { token, cert, key } = await this.#current()
    if (cert !== undefined) Object.assign(options, { cert, key })
    if (token !== undefined) options.headers = { ...options.headers, Authorization: `Bearer ${token}` }
  }

  async #current(): Promise<Credentials> {
    // Several requests may start at once; they share one run.
    this.#credentials ??= this.#run()
    const last = this.#credentials
    const credentials = await last.catch(() => undefined)
    const isGood = credentials !== undefined && credentials.expiresAt > this.#parts.clock.now()
    if (isGood) return credentials
    if (this.#credentials === last) this.#credentials = undefined
    return credentials === undefined ? await last : await this.#current()
  }

  async #run(): Promise<Credentials> {
    const { command, args, env, installHint } = this.#settings
    try {
      const running = promisify(childProcess.execFile)(command, [...args], {
        env: { ...this.#parts.env, ...env, KUBERNETES_EXEC_INFO: this.#info() },
        timeout: timeoutMs,
      })
      running.child.stdin?.end()
      const credentials = credentialsOf((await running).stdout, this.#settings)
      if (credentials.expiresAt <= this.#parts.clock.now()) throw new Error('its credentials have already expired')
      return credentials
    } catch (cause) {
      const isMissing = systemCode(cause) === 'ENOENT'
      const hint = isMissing && installHint !== undefined ? `: ${installHint}` : ''
      throw new Error(`the exec plugin ${command} ${isMissing ? 'is not installed' : 'failed'}${hint}`, { cause })
    }
  }

  /** The input of the program: an object of its API version. */
  #info(): string {
    const { apiVersion, provideClusterInfo } = this.#settings
    const { server, tlsServerName, skipTLSVerify, ca, proxyUrl, disableCompression, execConfig } = this.#cluster
    const cluster = {
      server,
      'tls-server-name': tlsServerName,
      'insecure-skip-tls-verify': skipTLSVerify || undefined,
      'certificate-authority-data': ca.data,
      'proxy-url': proxyUrl,
      'disable-compression': disableCompression || undefined,
      config: execConfig,
    }
    const spec = { ...(provideClusterInfo && { cluster }), interactive: false }
    return JSON.stringify({ apiVersion, kind: 'ExecCredential', spec })
  }
}

function credentialsOf(text: string, { apiVersion }: ExecSettings): Credentials {
  const answer = fieldsOf(JSON.parse(text))
  if (answer.kind !== 'ExecCredential' || answer.apiVersion !== apiVersion)
    throw new Error(`its output is no ExecCredential of ${apiVersion}`)
  const status = fieldsOf(answer.status)
  const [token, cert] = [textOf(status.token), textOf(status.clientCertificateData)]
  const key = textOf(status.clientKeyData)
  if (token === undefined && cert === undefined && key === undefined)
    throw new Error('its output has neither a token nor a certificate')
  if ((cert === undefined) !== (key === undefined))
    throw new Error('its output has a certificate or a key, but not both')
  const expiry = textOf(status.expirationTimestamp)
  return {
    token,
    cert,
    key,
    expiresAt: expiry === undefined ? Number.POSITIVE_INFINITY : Date.parse(expiry) || Number.POSITIVE_INFINITY,
  }
}
