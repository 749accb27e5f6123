import type { ApiReader, ApiResponse } from '../../src/kube/client.ts'
import type { Clock } from '../../src/lib/clock.ts'
import { LoggyError } from '../../src/lib/errors.ts'

/** Milliseconds between two bookmarks of a watch. Source: the API server's watch cache. */
const BOOKMARK_MS = 60_000

/** What reached the server in one second. */
export interface Second {
  lists: number
  watches: number
  bookmarks: number
}

/**
 * What thousands of agents see of one API server: it answers at once, which is the worst case for peaks; it can be down, lose its
 * connections and, as a restart does, its history. The objects themselves are left out, their bytes are arithmetic.
 */
export class FleetServer implements ApiReader {
  isUp = true
  /** Requests that met a closed port. */
  refused = 0
  readonly #clock: Clock
  readonly #cuts = new Set<() => void>()
  readonly #seconds = new Map<number, Second>()
  /** Requests by tenth of a second. */
  readonly #tenths = new Map<number, number>()
  #oldestVersion = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get openWatches(): number {
    return this.#cuts.size
  }

  async get(_path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<ApiResponse> {
    if (!this.isUp) {
      this.refused += 1
      throw new LoggyError('KUBE_UNREACHABLE', 'refused')
    }
    const tenth = Math.floor(this.#clock.monotonic() / 100)
    this.#tenths.set(tenth, (this.#tenths.get(tenth) ?? 0) + 1)
    if (query.watch === undefined) {
      this.#count('lists')
      return { body: this.#list() }
    }
    this.#count('watches')
    return { body: this.#watch(Number(query.resourceVersion), Number(query.timeoutSeconds) * 1000, signal) }
  }

  /** All connections are lost; `keepsHistory`: there are other servers, or the versions clients have are still known. */
  cut({ keepsHistory }: { readonly keepsHistory: boolean }): void {
    if (!keepsHistory) this.#oldestVersion = this.#version
    for (const cut of [...this.#cuts]) cut()
  }

  /** Each second between the two times, in milliseconds. */
  seconds(fromMs: number, toMs: number): Second[] {
    const length = Math.round((toMs - fromMs) / 1000)
    return Array.from({ length }, (_, index) => this.#second(Math.floor(fromMs / 1000) + index))
  }

  /** The most requests of any tenth of a second between the two times, times ten. */
  peakPerSecond(fromMs: number, toMs: number): number {
    let peak = 0
    for (let tenth = Math.floor(fromMs / 100); tenth <= toMs / 100; tenth += 1)
      peak = Math.max(peak, this.#tenths.get(tenth) ?? 0)
    return peak * 10
  }

  /** In a cluster of that size some pod changes each second. */
  get #version(): number {
    return 1000 + Math.floor(this.#clock.monotonic() / 1000)
  }

  #second(second: number): Second {
    return this.#seconds.get(second) ?? { lists: 0, watches: 0, bookmarks: 0 }
  }

  #count(what: keyof Second): void {
    const second = Math.floor(this.#clock.monotonic() / 1000)
    const counts = this.#second(second)
    counts[what] += 1
    this.#seconds.set(second, counts)
  }

  async *#list(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(JSON.stringify({ metadata: { resourceVersion: `${this.#version}` }, items: [] }))
  }

  async *#watch(version: number, timeoutMs: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    if (version < this.#oldestVersion) {
      const status = { kind: 'Status', code: 410, reason: 'Expired' }
      yield Buffer.from(`${JSON.stringify({ type: 'ERROR', object: status })}\n`)
      return
    }
    const cutting = new AbortController()
    const cut = () => cutting.abort()
    this.#cuts.add(cut)
    const ending = AbortSignal.any([signal, cutting.signal])
    try {
      const endMs = this.#clock.monotonic() + timeoutMs
      for (let leftMs = timeoutMs; leftMs > 0; leftMs = endMs - this.#clock.monotonic()) {
        await this.#clock.sleep(Math.min(BOOKMARK_MS, leftMs), ending)
        if (cutting.signal.aborted) throw new Error('cut')
        if (signal.aborted) return
        this.#count('bookmarks')
        const object = { metadata: { resourceVersion: `${this.#version}` } }
        yield Buffer.from(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`)
      }
    } finally {
      this.#cuts.delete(cut)
    }
  }
}
