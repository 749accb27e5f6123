import type { SinkStatus } from '../model/sink-status.ts'
import { terminalText } from '../view/terminal-text.ts'
import { element, setText } from './element.ts'
import { bytesText, countText, exactText, secondsText } from './quantity.ts'

/** What is written and not read yet, of all containers. */
export interface Lag {
  readonly bytes: number
  /** Age of the oldest line. */
  readonly seconds: number
}

/** The destinations: whether each accepts entries, since when not and why, how far it is behind, and what it refused. */
export class SinkList {
  readonly #list: HTMLElement
  readonly #rows = new Map<string, SinkRow>()

  constructor(list: HTMLElement) {
    this.#list = list
  }

  show(sinks: readonly SinkStatus[], nowMs: number, lag: Lag): void {
    for (const sink of sinks) {
      let row = this.#rows.get(sink.name)
      if (row === undefined) {
        row = new SinkRow()
        this.#rows.set(sink.name, row)
        this.#list.append(row.item)
      }
      row.show(sink, nowMs, lag)
    }
  }
}

class SinkRow {
  readonly item: HTMLElement
  readonly #state = element('span', { class: 'state' })
  readonly #name = element('bdi')
  readonly #trouble = element('bdi', { class: 'fault' })
  readonly #note = element('bdi', { class: 'note' })

  constructor() {
    this.item = element('li', {}, this.#state, this.#name, this.#trouble, this.#note)
  }

  show(sink: SinkStatus, nowMs: number, lag: Lag): void {
    const { trouble, name, destination } = sink
    this.#state.dataset.state = trouble === undefined ? 'read' : 'fault'
    setText(this.#state, trouble === undefined ? 'delivering' : 'retrying')
    setText(this.#name, terminalText(name === destination ? name : `${name} ${destination}`))
    setText(this.#trouble, trouble === undefined ? '' : troubleText(trouble, nowMs))
    setText(this.#note, noteOf(sink, lag))
  }
}

function troubleText({ reason, seconds }: NonNullable<SinkStatus['trouble']>, nowMs: number): string {
  const since = new Date(nowMs - seconds * 1000).toLocaleTimeString('en-GB')
  return `since ${since} (${secondsText(seconds)}): ${terminalText(reason)}`
}

function noteOf(
  { requestsInFlight, mostRequests, oldestSeconds, acceptedEntries, ...rest }: SinkStatus,
  { bytes, seconds }: Lag,
): string {
  const lag = bytes === 0 ? 'no lag' : `lag ${bytesText(bytes)}, ${secondsText(seconds)}`
  const parts = [lag, `${requestsInFlight} of ${mostRequests} requests in flight`]
  if (oldestSeconds >= 1) parts.push(`oldest batch ${secondsText(oldestSeconds)}`)
  parts.push(`${countText(acceptedEntries)} entries accepted`)
  const letters = Object.entries(rest.deadLetters).map(
    ([reason, count]) => `${exactText(count)} ${terminalText(reason)}`,
  )
  if (letters.length > 0) parts.push(`dead letters: ${letters.join(', ')}`)
  if (rest.rejected !== undefined) parts.push(`${exactText(rest.rejected.count)} rejected without saying which`)
  return parts.join(' · ')
}
