import type { IncomingHttpHeaders } from 'node:http'
import type { TestContext } from 'node:test'
import { type HecEvent, hecEvents } from './hec-events.ts'
import { type Received, type Reply, receive } from './receive.ts'

export interface HecRequest {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly events: readonly HecEvent[]
}

const BAD_REQUEST = 400
const BUSY = 9

/**
 * Splunk's HTTP Event Collector on loopback. It reads events one after the other, ends at the first that is wrong, and keeps those before it.
 * Sources: docs.splunk.com, Data, "Troubleshoot HTTP Event Collector", "About HTTP Event Collector Indexer Acknowledgment"; moby issue 35862.
 */
export class HecServer {
  readonly requests: HecRequest[] = []
  /** What is indexed. */
  readonly stored: HecEvent[] = []
  /** The ids that were asked about, and the headers. */
  readonly questions: { readonly acks: readonly number[]; readonly headers: IncomingHttpHeaders }[] = []
  /** The only one that is known; empty: any. */
  token = ''
  index = ''
  /** The token has indexer acknowledgement. */
  hasAcks = false
  /** With that: nothing is indexed. */
  isStuck = false
  /** Names a server behind the balancer; each knows its own acknowledgements only. */
  server = 'a'
  /** What is wrong with an event: a code. */
  judge: (event: HecEvent) => number | undefined = () => undefined
  /** In place of all else. */
  answer: () => Reply | undefined = () => undefined
  readonly #waiting = new Map<string, readonly HecEvent[]>()
  #ackId = 0
  #url = ''

  static async start(t: TestContext): Promise<HecServer> {
    const server = new HecServer()
    server.#url = await receive(t, (received) => {
      const { status, body, headers } = server.#reply(received)
      return { status, body, headers: { 'set-cookie': `server=${server.#serverOf(received)}; Path=/`, ...headers } }
    })
    return server
  }

  get url(): string {
    return this.#url
  }

  /** Of what is indexed. */
  lines(): unknown[] {
    return this.stored.map(({ event }) => event)
  }

  #reply({ path, headers, body }: Received): Reply {
    const answer = this.answer()
    if (answer !== undefined) return answer
    if (this.token !== '' && headers.authorization !== `Splunk ${this.token}`) return said(403, 'Invalid token', 4)
    if (path === '/services/collector/ack') return this.#ack({ headers, body, path })
    const events = hecEvents(body.toString())
    this.requests.push({ path, headers, events })
    if (this.hasAcks && headers['x-splunk-request-channel'] === undefined)
      return said(BAD_REQUEST, 'Data channel is missing', 10)
    const invalid = events.findIndex((event) => this.#codeOf(event) !== undefined)
    const kept = invalid < 0 ? events : events.slice(0, invalid)
    if (!this.hasAcks) this.stored.push(...kept)
    const code = invalid < 0 ? undefined : this.#codeOf(events[invalid] ?? {})
    if (code !== undefined)
      return said(code === BUSY ? 503 : BAD_REQUEST, 'wrong', code, { 'invalid-event-number': invalid })
    return said(200, 'Success', 0, this.hasAcks ? { ackId: this.#wait(kept, headers) } : {})
  }

  #codeOf(event: HecEvent): number | undefined {
    if (event.event === undefined) return 12
    if (event.event === null || /^\s*$/.test(String(event.event))) return 13
    if (this.index !== '' && event.index !== this.index) return 7
    const isFlat = Object.values(Object(event.fields)).every((value) => typeof value === 'string')
    return isFlat ? this.judge(event) : 15
  }

  #wait(events: readonly HecEvent[], headers: IncomingHttpHeaders): number {
    const ackId = this.#ackId++
    this.#waiting.set(`${this.#serverOf({ headers })} ${ackId}`, events)
    return ackId
  }

  #serverOf({ headers }: Pick<Received, 'headers'>): string {
    return /server=(\w+)/.exec(headers.cookie ?? '')?.[1] ?? this.server
  }

  #ack({ headers, body }: Received): Reply {
    const { acks } = JSON.parse(body.toString()) as { acks: readonly number[] }
    this.questions.push({ acks, headers })
    const told = acks.map((ackId) => {
      const key = `${this.#serverOf({ headers })} ${ackId}`
      const events = this.isStuck ? undefined : this.#waiting.get(key)
      if (events === undefined) return [ackId, false]
      this.#waiting.delete(key)
      this.stored.push(...events)
      return [ackId, true]
    })
    return { status: 200, body: JSON.stringify({ acks: Object.fromEntries(told) }) }
  }
}

function said(status: number, text: string, code: number, more: object = {}): Reply {
  return { status, body: JSON.stringify({ text, code, ...more }) }
}
