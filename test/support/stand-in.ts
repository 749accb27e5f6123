import type { TestContext } from 'node:test'
import { BulkServer } from './bulk-server.ts'
import { DatadogServer } from './datadog-server.ts'
import { HecServer } from './hec-server.ts'
import { LokiServer } from './loki-server.ts'
import { OtlpServer } from './otlp-server.ts'
import { receive } from './receive.ts'

/** A server in the place of a destination. */
export interface StandIn {
  /** Without a path. */
  readonly url: string
  /** The paths of the requests that it got, with their queries. */
  paths(): readonly string[]
  /** The text of all that it has taken. */
  taken(): string
}

/** Starts, on loopback, what stands in for a destination of that type and answers as it does. */
export async function standInFor(t: TestContext, sinkType: string): Promise<StandIn> {
  const start = starters[sinkType] ?? ndjsonServer
  return await start(t)
}

const starters: Readonly<Record<string, (t: TestContext) => Promise<StandIn>>> = {
  async otlp(t) {
    const server = await OtlpServer.start(t)
    return of(
      server.url,
      () => server.taken,
      () => server.records().map(({ body }) => body),
    )
  },
  async loki(t) {
    const server = await LokiServer.start(t)
    return of(
      server.url,
      () => server.requests,
      () => server.stored,
    )
  },
  async elasticsearch(t) {
    const server = await BulkServer.start(t)
    const documents = () => Array.from(server.stored.values())
    return of(server.url, () => server.requests.map(({ url }) => ({ path: url })), documents)
  },
  async splunk(t) {
    const server = await HecServer.start(t)
    return of(
      server.url,
      () => server.requests,
      () => server.stored,
    )
  },
  async datadog(t) {
    const server = await DatadogServer.start(t)
    return of(
      server.url,
      () => server.taken,
      () => server.messages(),
    )
  },
}

/** Takes lines of JSON, as all destinations of the sink `http` do. */
async function ndjsonServer(t: TestContext): Promise<StandIn> {
  const taken: { readonly path: string; readonly text: string }[] = []
  const url = await receive(t, ({ path, body }) => {
    taken.push({ path, text: body.toString() })
    return { status: 200, body: '{}' }
  })
  return of(
    url,
    () => taken,
    () => taken.map(({ text }) => text),
  )
}

function of(url: string, requests: () => readonly { readonly path: string }[], taken: () => unknown): StandIn {
  return { url, paths: () => requests().map(({ path }) => path), taken: () => JSON.stringify(taken()) }
}
