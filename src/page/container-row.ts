import { terminalText } from '../view/terminal-text.ts'
import { button, element, setText } from './element.ts'
import { podClass } from './entry-row.ts'
import { bytesText, countText, secondsText } from './quantity.ts'
import type { Rate } from './rates.ts'
import { Sparkline } from './sparkline.ts'
import type { Container } from './status-answer.ts'

/** Rows are CSS grids, so that invisible rows need no layout. Their roles tell the browser that they are table rows. */
const CELL = { role: 'cell' }

const STATES: Readonly<Record<Container['state'], string>> = { read: 'read', exclude: 'excluded', wait: 'waiting' }

/** One container in the table. Its chart is drawn only while visible: 500 charts would be too slow. */
export class ContainerRow {
  readonly row: HTMLTableRowElement
  readonly #state = element('span', { class: 'state' })
  readonly #note = element('bdi', { class: 'note' })
  readonly #chart = element('span', { class: 'chart', attributes: { 'aria-hidden': 'true' } })
  readonly #lines = element('span')
  readonly #bytes = element('td', { class: 'number', attributes: CELL })
  readonly #lag = element('td', { class: 'number', attributes: CELL })
  readonly #metadata = element('td', { attributes: CELL })
  #container: Container
  #rate: Rate = { linesPerSecond: undefined, bytesPerSecond: undefined }
  #line: Sparkline | undefined
  #series: readonly (number | null)[] = []

  constructor(container: Container, onTail: (container: Container) => void) {
    this.#container = container
    const { namespace, pod, container: name } = container
    const tail = button('tail', {
      class: 'quiet',
      attributes: { tabindex: '-1' },
      onClick: () => onTail(this.#container),
    })
    tail.setAttribute('aria-label', `Tail ${name} of ${pod}`)
    this.row = element(
      'tr',
      { attributes: { role: 'row' } },
      element('td', { attributes: CELL }, this.#state),
      element(
        'th',
        { attributes: { scope: 'row', role: 'rowheader' } },
        element('span', { class: 'namespace', text: `${terminalText(namespace)} / ` }),
        element('span', { class: podClass(namespace, pod), text: terminalText(pod) }),
        element('span', { class: 'container', text: ` ${terminalText(name)}` }),
        this.#note,
      ),
      element('td', { class: 'number rate', attributes: CELL }, this.#chart, this.#lines),
      this.#bytes,
      this.#lag,
      this.#metadata,
      element('td', { attributes: CELL }, tail),
    )
  }

  get container(): Container {
    return this.#container
  }

  get rate(): Rate {
    return this.#rate
  }

  /** Whether a search for the text finds the row. */
  matches(text: string): boolean {
    const { namespace, pod, container, rule, fault = '', state } = this.#container
    return `${namespace}/${pod}/${container} ${STATES[state]} ${rule} ${fault}`.toLowerCase().includes(text)
  }

  update(
    container: Container,
    { rate, series }: { readonly rate: Rate; readonly series: readonly (number | null)[] },
  ): void {
    this.#container = container
    this.#rate = rate
    this.#series = series
    const { state, fault, rule, limit, lagBytes, lagSeconds, metadata } = container
    setText(this.#state, fault === undefined ? STATES[state] : 'fault')
    this.#state.dataset.state = fault === undefined ? state : 'fault'
    setText(this.#note, terminalText(fault ?? (state === 'read' ? limitText(limit) : rule)))
    setText(this.#lines, rate.linesPerSecond === undefined ? '–' : countText(rate.linesPerSecond))
    setText(this.#bytes, rate.bytesPerSecond === undefined ? '–' : bytesText(rate.bytesPerSecond))
    setText(this.#lag, state === 'exclude' ? '–' : lagText(lagBytes, lagSeconds))
    setText(this.#metadata, metadata === 'path-only' ? 'path only' : metadata)
    this.#line?.draw(series)
  }

  /** Draws the chart if it is visible. */
  show(): void {
    if (this.#line !== undefined) return
    this.#line = new Sparkline(this.#chart)
    this.#line.draw(this.#series)
  }

  hide(): void {
    this.#line?.remove()
    this.#line = undefined
  }
}

function limitText(limit: Container['limit']): string {
  if (limit === undefined || limit.state === 'within') return ''
  const rules = limit.rules.join(', ')
  return limit.state === 'delayed' ? `delayed by ${rules}` : `over ${rules}, and read all the same`
}

function lagText(bytes: number, seconds: number): string {
  return bytes === 0 ? bytesText(0) : `${bytesText(bytes)}, ${secondsText(seconds)}`
}
