import { Canvas, type DrawingSize } from './canvas.ts'

type Series = readonly (number | null)[]

/** A line chart of the last minutes without axes, in the colour of its element; its values are shown as text next to it. */
export class Sparkline {
  readonly #root: HTMLElement
  readonly #canvas: Canvas
  #series: Series = []

  constructor(root: HTMLElement) {
    this.#root = root
    this.#canvas = new Canvas(root, (context, size) => this.#paint(context, size))
  }

  draw(series: Series): void {
    this.#series = series
    this.#canvas.redraw()
  }

  remove(): void {
    this.#canvas.remove()
  }

  #paint(context: CanvasRenderingContext2D, { width, height }: DrawingSize): void {
    const series = this.#series
    const highest = Math.max(1, 1.1 * Math.max(0, ...series.map((value) => value ?? 0)))
    const { color } = getComputedStyle(this.#root)
    Object.assign(context, { strokeStyle: color, fillStyle: color, lineWidth: 1.25, lineJoin: 'round' })
    for (const run of runsOf(series)) {
      const points = run.map(([index, value]): [number, number] => [
        (index / Math.max(1, series.length - 1)) * width,
        height - 1 - (value / highest) * (height - 3),
      ])
      const [first = [0, 0], last = first] = [points[0], points.at(-1)]
      const line = new Path2D()
      for (const [x, y] of points) line.lineTo(x, y)
      context.stroke(line)
      line.lineTo(last[0], height)
      line.lineTo(first[0], height)
      context.globalAlpha = 0.14
      context.fill(line)
      context.globalAlpha = 1
    }
  }
}

/** The values that follow each other without a gap, each with its place. */
function runsOf(series: Series): [number, number][][] {
  const runs: [number, number][][] = [[]]
  for (const [index, value] of series.entries()) {
    if (value === null) runs.push([])
    else runs.at(-1)?.push([index, value])
  }
  return runs.filter((run) => run.length > 0)
}
