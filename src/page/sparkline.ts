import UPlot from 'uplot'
import { POINTS } from './rates.ts'

type Series = readonly (number | null)[]

const TIMES = Array.from({ length: POINTS }, (_, index) => index)

/** The current colour: a canvas does not support custom properties, and the theme may change while the page is open. */
function colorOf(root: HTMLElement, alpha: number): string {
  const [red, green, blue] = getComputedStyle(root).color.match(/[\d.]+/g) ?? []
  return `rgba(${red}, ${green}, ${blue}, ${alpha})`
}

/** A line chart of the last minutes without axes; its values are shown as text next to it. */
export class Sparkline {
  readonly #plot: UPlot
  readonly #root: HTMLElement

  constructor(root: HTMLElement, size: { readonly width: number; readonly height: number }) {
    this.#root = root
    const none = { show: false }
    this.#plot = new UPlot(
      {
        ...size,
        padding: [2, 0, 1, 0],
        legend: none,
        cursor: none,
        axes: [none, none],
        scales: { x: { time: false }, y: { range: (_plot, _low, high) => [0, Math.max((high ?? 0) * 1.1, 1)] } },
        series: [
          {},
          {
            width: 1.25,
            points: none,
            stroke: () => colorOf(root, 1),
            fill: () => colorOf(root, 0.14),
          },
        ],
      },
      [TIMES, new Array<null>(POINTS).fill(null)],
      root,
    )
  }

  draw(series: Series): void {
    this.#plot.setData([TIMES, [...series]])
  }

  /** Adapts to the current width of its element. */
  fit(): void {
    const { clientWidth: width } = this.#root
    if (width > 0 && width !== this.#plot.width) this.#plot.setSize({ width, height: this.#plot.height })
  }

  remove(): void {
    this.#plot.destroy()
  }
}
