import { describeError } from '../lib/errors.ts'
import { SinkError } from '../lib/sink-error.ts'
import { isExempt } from './no-proxy.ts'
import { hideSecrets } from './secrets.ts'

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>

const PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' }

/** An HTTP proxy, as `HTTPS_PROXY` and `HTTP_PROXY` name it. */
export class HttpProxy {
  /** Without credentials. */
  readonly url: URL
  /** Headers for the proxy itself. */
  readonly headers: Readonly<Record<string, string>>

  private constructor(url: URL, headers: Readonly<Record<string, string>>) {
    this.url = url
    this.headers = headers
  }

  /**
   * The proxy for a URL; undefined for none. The variables are those of Go and so of most programs of a cluster, in capital or small
   * letters. Throws a SinkError PROXY_INVALID, which does not have the value: there may be a password in it.
   */
  static for(target: URL, env: Environment): HttpProxy | undefined {
    const name = target.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
    const value = variable(env, name)
    const host = target.hostname.replace(/^\[|\]$/g, '')
    if (value === '' || isExempt(variable(env, 'NO_PROXY'), { host, port: portOf(target) })) return undefined
    const invalid = new SinkError('PROXY_INVALID', `${name} must be like http://proxy.example:3128`)
    // Go takes a host and a port without a scheme too.
    const text = /^[a-z][a-z\d+.-]*:\/\//i.test(value) ? value : `http://${value}`
    const parsed = URL.canParse(text) ? new URL(text) : undefined
    if (parsed === undefined || PORTS[parsed.protocol] === undefined) throw invalid
    const { username, password, origin } = parsed
    if (username === '' && password === '') return new HttpProxy(new URL(origin), {})
    try {
      const user = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)
      return new HttpProxy(new URL(origin), { 'proxy-authorization': `Basic ${user.toString('base64')}` })
    } catch {
      throw invalid // the cause has the password
    }
  }

  get name(): string {
    return this.url.origin
  }

  unreachable(cause: unknown): SinkError {
    return new SinkError('PROXY_UNREACHABLE', `the proxy ${this.name} cannot be reached: ${describeError(cause)}`)
  }

  /** Its answer to CONNECT. */
  refusal(status: number, words = ''): SinkError {
    const answer = `${status} ${hideSecrets({ status, body: Buffer.from(words) }, this)}`.trim()
    return new SinkError(`PROXY_${status}`, `the proxy ${this.name} does not connect, and says ${answer}`)
  }
}

/** `host:port` of a URL, with the port even if it is the usual one. */
export function authorityOf(target: URL): string {
  return `${target.hostname}:${portOf(target)}`
}

function portOf({ port, protocol }: URL): string {
  return port || (PORTS[protocol] ?? '')
}

function variable(env: Environment, name: string): string {
  return (env[name] || env[name.toLowerCase()] || '').trim()
}
