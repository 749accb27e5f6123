import { digits, percent } from './figures.ts'
import type { LatencySummary } from './latency-histogram.ts'
import type { Results } from './report.ts'
import { shareOf, throughputName } from './result-tables.ts'
import { Svg } from './svg.ts'

const WIDTH = 840
const LABEL_WIDTH = 250
const PLOT_WIDTH = WIDTH - LABEL_WIDTH - 90
const BAR_HEIGHT = 12
const ROW_HEIGHT = 33
const HISTOGRAM_HEIGHT = 70
/** The histograms' common axis, in powers of ten of a millisecond: 10 µs to 10 s. */
const AXIS = { from: -2, to: 4 }

/** The picture of a report: throughput beside `wc -l` and `cat`, and a histogram of each load's latencies. */
export function benchmarksSvg({ throughput, steady }: Results): string {
  const svg = new Svg(WIDTH)
  let y = drawThroughput(svg, throughput, 24)
  const latencies = steady.flatMap((result) => result.latencies)
  svg.text('Latency from write to output, ms', { x: 0, y: y + 24, kind: 'title' })
  y += 40
  for (const latency of latencies) y = drawHistogram(svg, latency, y)
  drawAxis(svg, y)
  return svg.render(y + 24)
}

function drawThroughput(svg: Svg, results: Results['throughput'], top: number): number {
  svg.text('Throughput, % of what wc -l (blue) and cat (amber) make of the same bytes', { x: 0, y: top, kind: 'title' })
  const shares = results.map((result) => ({
    name: throughputName(result),
    speed: `${digits(result.megabytesPerSecond.median)} MB/s`,
    bars: [
      ['first', shareOf(result.wcMegabytesPerSecond, result)],
      ['second', shareOf(result.catMegabytesPerSecond, result)],
    ] as const,
  }))
  const largest = Math.max(...shares.flatMap(({ bars }) => bars.map(([, share]) => share)))
  for (const [row, { name, speed, bars }] of shares.entries()) {
    const y = top + 16 + row * ROW_HEIGHT
    svg.text(name, { x: 0, y: y + 16 })
    svg.text(speed, { x: LABEL_WIDTH - 10, y: y + 16, kind: 'figure', anchor: 'end' })
    for (const [index, [kind, share]] of bars.entries()) {
      const [at, width] = [y + index * BAR_HEIGHT, (share / largest) * PLOT_WIDTH]
      svg.bar(kind, { x: LABEL_WIDTH, y: at, width, height: BAR_HEIGHT - 1 })
      svg.text(percent(share), { x: LABEL_WIDTH + width + 5, y: at + 10, kind: 'figure' })
    }
  }
  return top + 16 + shares.length * ROW_HEIGHT
}

function drawHistogram(svg: Svg, latency: LatencySummary & { about: string }, top: number): number {
  const base = top + HISTOGRAM_HEIGHT
  const highest = Math.max(...latency.bars.map(({ count }) => count))
  const figures = `p50 ${digits(latency.p50)}, p99 ${digits(latency.p99)}, p99.9 ${digits(latency.p999)}`
  svg.text(latency.about, { x: 0, y: base - 18 })
  svg.text(figures, { x: 0, y: base - 3, kind: 'figure' })
  for (const { fromMs, toMs, count } of latency.bars) {
    const [x, end] = [placeOf(fromMs), placeOf(toMs)]
    // A single line in a million is still a pixel.
    const height = count === 0 ? 0 : Math.max(1, (count / highest) * (HISTOGRAM_HEIGHT - 12))
    svg.bar('first', { x, y: base - height, width: end - x - 1, height })
  }
  svg.line({ x: LABEL_WIDTH, y: base }, { x: LABEL_WIDTH + PLOT_WIDTH, y: base })
  return base
}

function drawAxis(svg: Svg, y: number): void {
  for (let power = AXIS.from; power <= AXIS.to; power += 1) {
    const x = placeOf(10 ** power)
    svg.line({ x, y }, { x, y: y + 4 })
    svg.text(String(Number((10 ** power).toPrecision(1))), { x, y: y + 16, kind: 'figure', anchor: 'middle' })
  }
}

function placeOf(ms: number): number {
  const share = (Math.log10(ms) - AXIS.from) / (AXIS.to - AXIS.from)
  return LABEL_WIDTH + Math.min(1, Math.max(0, share)) * PLOT_WIDTH
}
