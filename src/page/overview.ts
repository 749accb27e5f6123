import { find, setText } from './element.ts'
import { bytesText, countText, secondsText } from './quantity.ts'
import type { Rates } from './rates.ts'
import { Sparkline } from './sparkline.ts'
import type { Container, StatusAnswer } from './status-answer.ts'

/** The whole node: its number of containers, how much they write, how far behind they are. */
export class Overview {
  readonly #charts = {
    lines: new Tile('lines'),
    bytes: new Tile('bytes'),
    lag: new Tile('lag'),
  }

  show({ node, version, containers }: StatusAnswer, rates: Rates): void {
    setText(find('node', HTMLElement), node)
    setText(find('version', HTMLElement), version)
    setText(find('count', HTMLElement), countText(containers.length))
    setText(find('count-note', HTMLElement), statesText(containers))
    const { lines, bytes, lag } = this.#charts
    lines.show(rates.lines, (value) => countText(value))
    bytes.show(rates.bytes, (value) => bytesText(value))
    lag.show(rates.lag, (value) => bytesText(value))
    const oldest = Math.max(0, ...containers.map(({ lagSeconds }) => lagSeconds))
    if (oldest > 0) lag.note(`oldest line ${secondsText(oldest)}`)
  }
}

function statesText(containers: readonly Container[]): string {
  const of = (state: Container['state']) => containers.filter((container) => container.state === state).length
  const faulty = containers.filter(({ fault }) => fault !== undefined).length
  const parts = [`${of('read')} read`]
  if (of('exclude') > 0) parts.push(`${of('exclude')} excluded`)
  if (of('wait') > 0) parts.push(`${of('wait')} waiting`)
  if (faulty > 0) parts.push(`${faulty} with a fault`)
  return parts.join(', ')
}

/** One quantity: its current value and its chart. */
class Tile {
  readonly #value: HTMLElement
  readonly #note: HTMLElement
  readonly #chart: HTMLElement
  readonly #line: Sparkline

  constructor(id: string) {
    this.#value = find(id, HTMLElement)
    this.#note = find(`${id}-note`, HTMLElement)
    this.#chart = find(`${id}-chart`, HTMLElement)
    this.#line = new Sparkline(this.#chart)
  }

  show(series: readonly (number | null)[], text: (value: number) => string): void {
    const now = series.at(-1) ?? undefined
    const highest = Math.max(0, ...series.map((value) => value ?? 0))
    setText(this.#value, now === undefined ? '–' : text(now))
    this.note(`highest ${text(highest)}`)
    this.#chart.setAttribute('aria-label', `The last two minutes: highest ${text(highest)}`)
    this.#line.draw(series)
  }

  note(text: string): void {
    setText(this.#note, text)
  }
}
