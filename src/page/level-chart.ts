import { Canvas, type DrawingSize } from './canvas.ts'
import { button, element, setText } from './element.ts'
import { LEVEL_GROUPS, type LevelCounts, type LevelGroup, STEPS } from './level-counts.ts'
import { countText, exactText } from './quantity.ts'

/** Pixels between two bars. */
const GAP_PX = 1

export interface LevelChartParts {
  /** The element for the bars, and the one for the figures below. */
  readonly chart: HTMLElement
  readonly legend: HTMLElement
  /** A person wants entries of this level and above. */
  onLevel(level: Exclude<LevelGroup, 'none'>): void
}

/** Bars of the last minutes, gravest levels at the bottom; the figures below them are buttons that choose a level. */
export class LevelChart {
  readonly #chart: HTMLElement
  readonly #canvas: Canvas
  readonly #keys = new Map<LevelGroup, HTMLElement>()
  readonly #figures = new Map<LevelGroup, HTMLElement>()
  #counts: LevelCounts | undefined

  constructor({ chart, legend, onLevel }: LevelChartParts) {
    this.#chart = chart
    this.#canvas = new Canvas(chart, (context, size) => this.#paint(context, size))
    for (const group of LEVEL_GROUPS) {
      const parts = { class: `key ${group}` }
      const key =
        group === 'none'
          ? element('span', parts)
          : button('', { ...parts, attributes: { title: `Only ${group} and above` }, onClick: () => onLevel(group) })
      const figure = element('span')
      key.append(`${group === 'none' ? 'no level' : group} `, figure)
      legend.append(key)
      this.#keys.set(group, key)
      this.#figures.set(group, figure)
    }
  }

  show(counts: LevelCounts): void {
    this.#counts = counts
    const totals = LEVEL_GROUPS.map((group) => [group, counts.total(group)] as const)
    for (const [group, total] of totals) {
      const figure = this.#figures.get(group)
      if (figure !== undefined) setText(figure, countText(total))
    }
    const texts = totals.map(([group, total]) => `${exactText(total)} ${group === 'none' ? 'without level' : group}`)
    this.#chart.setAttribute('aria-label', `Entries of the last five minutes: ${texts.join(', ')}`)
    this.#canvas.redraw()
  }

  #paint(context: CanvasRenderingContext2D, { width, height }: DrawingSize): void {
    const counts = this.#counts
    if (counts === undefined) return
    const steps = Array.from({ length: STEPS }, (_, step) => LEVEL_GROUPS.map((group) => counts.of(group)[step] ?? 0))
    const highest = Math.max(1, ...steps.map((values) => values.reduce((sum, count) => sum + count, 0)))
    const wide = width / STEPS
    for (const [index, group] of LEVEL_GROUPS.entries()) {
      context.fillStyle = getComputedStyle(this.#keys.get(group) ?? this.#chart).color
      for (const [step, values] of steps.entries()) {
        const below = values.slice(0, index).reduce((sum, count) => sum + count, 0)
        const [from, to] = [below, below + (values[index] ?? 0)].map((count) => height - (count / highest) * height)
        if (from !== undefined && to !== undefined && from > to)
          context.fillRect(step * wide, to, Math.max(1, wide - GAP_PX), from - to)
      }
    }
  }
}
