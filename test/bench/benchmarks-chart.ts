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
/** The histograms' common axis begins at so many powers of ten of a millisecond, and ends no earlier than at so many. */
const AXIS = { from: -2, to: 3 }

/** The picture of a report: throughput beside `wc -l` and `cat`, and a histogram of each load's latencies. */
export function benchmarksSvg({ throughput, steady }: Results): string {
  const svg = new Svg('Throughput beside wc -l and cat, and histograms of latency', WIDTH)
  let y = drawThroughput(svg, throughput, 24)
  const latencies = steady.flatMap((result) => result.latencies)
  svg.text('Latency from write to output, ms', { x: 0, y: y + 24, kind: 'title' })
  y += 40
  const to = Math.max(AXIS.to, ...latencies.map(({ most }) => Math.ceil(Math.log10(most))))
  const placeOf = (ms: number) => LABEL_WIDTH + (PLOT_WIDTH * (Math.log10(ms) - AXIS.from)) / (to - AXIS.from)
  for (const latency of latencies) y = drawHistogram(svg, latency, { top: y, placeOf })
  for (let power = AXIS.from; power <= to; power += 1) drawMark(svg, 10 ** power, { x: placeOf(10 ** power), y })
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

function drawHistogram(
  svg: Svg,
  latency: LatencySummary & { readonly about: string },
  { top, placeOf }: { readonly top: number; readonly placeOf: (ms: number) => number },
): number {
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

function drawMark(svg: Svg, ms: number, { x, y }: { x: number; y: number }): void {
  svg.line({ x, y }, { x, y: y + 4 })
  svg.text(String(Number(ms.toPrecision(1))), { x, y: y + 16, kind: 'figure', anchor: 'middle' })
}
