import { freePort } from '../../src/simulation/free-port.ts'

/** What Toxiproxy does to what passes: its type, with the direction and the amounts. */
interface Toxic {
  readonly type: string
  readonly stream: 'upstream' | 'downstream'
  readonly attributes: Readonly<Record<string, number>>
}

/** By the name that the table has for it. `isHit`: requests fail by it. */
export const LINK_FAULTS = {
  cut: { isHit: true },
  /** A server far away, and then a narrow line. */
  slow: { isHit: false, toxic: { type: 'latency', stream: 'downstream', attributes: { latency: 800, jitter: 100 } } },
  narrow: { isHit: false, toxic: { type: 'bandwidth', stream: 'upstream', attributes: { rate: 200 } } },
  /** Less than most requests have. */
  'cut in a request': { isHit: true, toxic: { type: 'limit_data', stream: 'upstream', attributes: { bytes: 20_000 } } },
  /** Stored, and nobody is told. */
  'no answer': { isHit: true, toxic: { type: 'timeout', stream: 'downstream', attributes: { timeout: 300 } } },
  reset: { isHit: true, toxic: { type: 'reset_peer', stream: 'upstream', attributes: { timeout: 0 } } },
  hanging: { isHit: false, toxic: { type: 'timeout', stream: 'upstream', attributes: { timeout: 0 } } },
} as const satisfies Readonly<Record<string, { readonly isHit: boolean; readonly toxic?: Toxic }>>

export type LinkFault = keyof typeof LINK_FAULTS

/** The way to a server, through Toxiproxy. */
export class Link {
  readonly #proxy: string
  readonly #port: number
  readonly #upstream: string

  private constructor(proxy: string, port: number, upstream: string) {
    this.#proxy = proxy
    this.#port = port
    this.#upstream = upstream
  }

  /** `toxiproxy`: address of its API; `url`: of the server, without TLS. */
  static async to(url: string, toxiproxy: string): Promise<Link> {
    const port = await freePort()
    const name = `loggy-${process.pid}-${port}`
    const upstream = new URL(url).host
    await call('POST', `${toxiproxy}/proxies`, { name, listen: `127.0.0.1:${port}`, upstream })
    return new Link(`${toxiproxy}/proxies/${name}`, port, upstream)
  }

  /** The same URL through the link. */
  through(url: string): string {
    const { pathname, search } = new URL(url)
    return `http://127.0.0.1:${this.#port}${pathname}${search}`
  }

  async begin(fault: LinkFault): Promise<void> {
    const { toxic } = { toxic: undefined, ...LINK_FAULTS[fault] }
    if (toxic === undefined) await call('POST', this.#proxy, { enabled: false })
    else await call('POST', `${this.#proxy}/toxics`, { name: 'fault', ...toxic })
  }

  async end(fault: LinkFault): Promise<void> {
    if (fault === 'cut') await call('POST', this.#proxy, { enabled: true })
    else await call('DELETE', `${this.#proxy}/toxics/fault`)
  }

  /** What is sent goes to another server until that is over. */
  async divert(url: string, during: () => Promise<void>): Promise<void> {
    await call('POST', this.#proxy, { upstream: new URL(url).host })
    await during()
    await call('POST', this.#proxy, { upstream: this.#upstream })
  }

  async close(): Promise<void> {
    await call('DELETE', this.#proxy)
  }
}

async function call(method: string, url: string, body?: object): Promise<void> {
  const answer = await fetch(url, { method, ...(body !== undefined && { body: JSON.stringify(body) }) })
  if (!answer.ok) throw new Error(`Toxiproxy, ${method} ${url}: ${await answer.text()}`)
}
