import type { Announcer } from './announcer.ts'
import { setText } from './element.ts'
import type { EntryActions } from './entry-details.ts'
import { EntryList } from './entry-list.ts'
import { EntryQueue, type Gap } from './entry-queue.ts'
import type { Filter } from './filter.ts'
import { Flow, type FlowRate } from './flow.ts'
import { groupOf, LevelCounts } from './level-counts.ts'
import { type ConnectionState, followTail } from './tail-connection.ts'
import { emptyText, tailStatusText } from './tail-status.ts'

/** Milliseconds between two updates of the list: steady to look at, and an eighth of the work of updating every frame. */
const FLUSH_MS = 120
/** Rows per update: about 200 per second, more than anyone can read. */
const FLUSH_ROWS = 25
/** Rows per update while only a sample is shown: 25 rows take 17 ms of CPU, and took up to 250 ms with five processes per core. */
const FLOOD_ROWS = 12
/** Up to so many entries are all shown, within a second and a half; of more, a sample is shown. */
const QUEUE_ENTRIES = 300

type Pause = { readonly way: 'button' | 'entry' | 'scroll'; entries: number }

export interface TailViewParts {
  readonly list: HTMLElement
  readonly pauseButton: HTMLButtonElement
  readonly status: HTMLElement
  readonly announcer: Announcer
  readonly actions: EntryActions
  /** Why the agent refuses the filter; empty if it does not. */
  onRefusal(reason: string): void
  /** Called each second, and when the counts begin anew. */
  onCounts(counts: LevelCounts): void
}

/** The live tail: reads entries with one filter at a time, shows them, and can be paused. */
export class TailView {
  readonly #parts: TailViewParts
  readonly #list: EntryList
  readonly #queue = new EntryQueue(QUEUE_ENTRIES)
  readonly #flow = new Flow(performance.now())
  readonly #counts = new LevelCounts(performance.now())
  #filter: Filter = {}
  #follow = new AbortController()
  #connection: ConnectionState = { kind: 'connecting' }
  #rate: FlowRate = { matching: 0, shown: 0, isSampled: false }
  #pause: Pause | undefined
  /** The number at the previous update. */
  #sampledOut = 0
  #isFlushDue = false

  constructor(parts: TailViewParts) {
    this.#parts = parts
    this.#list = new EntryList({
      list: parts.list,
      actions: parts.actions,
      onLook: (way) => this.#pauseBy(way),
      onEnd: () => {
        if (this.#pause?.way === 'scroll') this.#resume()
      },
    })
    parts.pauseButton.addEventListener('click', () => this.togglePause())
    new ResizeObserver(() => {
      if (!this.#pause) this.#list.scrollToEnd()
    }).observe(parts.list)
    setInterval(() => this.#measure(), 1000)
  }

  /** Shows new matching entries, and removes the old ones. */
  follow(filter: Filter): void {
    this.#follow.abort()
    this.#follow = new AbortController()
    const { signal } = this.#follow
    this.#filter = filter
    this.#counts.clear()
    this.#parts.onCounts(this.#counts)
    this.#parts.list.dataset.empty = emptyText(undefined)
    this.clear()
    this.#resume()
    void followTail(filter, {
      signal,
      entry: (json) => {
        this.#counts.add(groupOf(json), 1)
        this.#offer(json, 1)
      },
      dropped: (entries) => {
        this.#counts.add('none', entries)
        this.#offer({ reason: 'agent', entries }, entries)
      },
      selection: (selection) => {
        this.#parts.list.dataset.empty = emptyText(selection)
      },
      state: (state) => this.#onState(state),
    }).catch((error: unknown) => {
      // An unexpected error is a fault of the page: it is shown to the person, and in full in the console.
      this.#onState({ kind: 'lost', reason: String(error), retryMs: 0 })
      reportError(error)
    })
  }

  /** The entries that are shown, as the agent sent them. */
  get shown(): readonly string[] {
    return this.#list.shown
  }

  togglePause(): void {
    if (this.#pause) this.#resume()
    else this.#pauseBy('button')
  }

  clear(): void {
    this.#queue.clear()
    this.#list.clear()
  }

  #offer(item: string | Gap, entries: number): void {
    this.#flow.arrived(entries)
    if (this.#pause) this.#pause.entries += entries
    this.#queue.offer(item)
    this.#requestFlush()
  }

  #onState(state: ConnectionState): void {
    const { announcer, onRefusal } = this.#parts
    if (state.kind === 'lost' && this.#connection.kind === 'open')
      this.#offer({ reason: 'connection', entries: undefined }, 0)
    this.#connection = state
    onRefusal(state.kind === 'refused' ? state.reason : '')
    this.#showStatus()
    if (state.kind === 'open') announcer.say('Connected, following new entries')
    if (state.kind === 'lost') announcer.say('Connection to the agent lost')
  }

  #requestFlush(): void {
    if (this.#isFlushDue || this.#pause || this.#queue.size === 0) return
    this.#isFlushDue = true
    setTimeout(() => requestAnimationFrame(() => this.#flush()), FLUSH_MS)
  }

  #flush(): void {
    this.#isFlushDue = false
    if (this.#pause) return
    const { sampledOut } = this.#queue
    const items = this.#queue.take(sampledOut > this.#sampledOut ? FLOOD_ROWS : FLUSH_ROWS)
    this.#sampledOut = sampledOut
    this.#flow.showed(items.reduce((count, item) => count + (typeof item === 'string' ? 1 : 0), 0))
    this.#list.append(items, this.#filter.grep)
    this.#requestFlush()
  }

  #pauseBy(way: Pause['way']): void {
    if (this.#pause) {
      // While an entry is open, it stays in place, also when scrolling.
      if (this.#pause.way === 'scroll' && way === 'entry') this.#pause = { ...this.#pause, way }
      return
    }
    this.#pause = { way, entries: 0 }
    this.#queue.pause()
    this.#parts.announcer.say('Paused')
    this.#showPause()
  }

  #resume(): void {
    if (!this.#pause) return
    this.#pause = undefined
    this.#queue.resume()
    this.#list.scrollToEnd()
    this.#parts.announcer.say('Following new entries')
    this.#showPause()
    this.#requestFlush()
  }

  #showPause(): void {
    setText(this.#parts.pauseButton, this.#pause ? 'Resume' : 'Pause')
    this.#parts.list.classList.toggle('paused', this.#pause !== undefined)
    this.#showStatus()
  }

  #measure(): void {
    const nowMs = performance.now()
    this.#rate = this.#flow.measure(nowMs, this.#queue.sampledOut)
    this.#counts.advance(nowMs)
    this.#parts.onCounts(this.#counts)
    this.#showStatus()
  }

  #showStatus(): void {
    const { status } = this.#parts
    const state = { connection: this.#connection, sincePause: this.#pause?.entries, rate: this.#rate }
    setText(status, tailStatusText(state))
    status.dataset.state = this.#connection.kind
  }
}
