/** A picture, drawn from the top left corner in pixels; it takes the reader's light or dark colours. */
export class Svg {
  readonly #width: number
  readonly #title: string
  readonly #elements: string[] = []

  /** `title` is for those who do not see it. */
  constructor(title: string, width: number) {
    this.#width = width
    this.#title = title
  }

  text(
    words: string,
    at: { x: number; y: number; kind?: 'title' | 'label' | 'figure'; anchor?: 'start' | 'middle' | 'end' },
  ): void {
    const { x, y, kind = 'label', anchor = 'start' } = at
    this.#elements.push(
      `<text class="${kind}" x="${pixels(x)}" y="${pixels(y)}" text-anchor="${anchor}">${escaped(words)}</text>`,
    )
  }

  /** `kind` names its colour. */
  bar(kind: 'first' | 'second', at: { x: number; y: number; width: number; height: number }): void {
    const size = `width="${pixels(at.width)}" height="${pixels(at.height)}"`
    this.#elements.push(`<rect class="${kind}" x="${pixels(at.x)}" y="${pixels(at.y)}" ${size}/>`)
  }

  line(from: { x: number; y: number }, to: { x: number; y: number }): void {
    const [start, end] = [`x1="${pixels(from.x)}" y1="${pixels(from.y)}"`, `x2="${pixels(to.x)}" y2="${pixels(to.y)}"`]
    this.#elements.push(`<line ${start} ${end}/>`)
  }

  render(height: number): string {
    const size = `width="${this.#width}" height="${pixels(height)}" viewBox="0 0 ${this.#width} ${pixels(height)}"`
    return `${[`<svg xmlns="http://www.w3.org/2000/svg" ${size}>`, `<title>${escaped(this.#title)}</title>`, STYLE, ...this.#elements, '</svg>'].join('\n')}\n`
  }
}

const STYLE = `<style>
text { font: 12px system-ui, sans-serif; fill: #24292f }
.title { font-size: 15px; font-weight: 600 }
.figure { font-size: 11px; fill: #57606a }
line { stroke: #d0d7de }
.first { fill: #0969da }
.second { fill: #bf8700 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .figure { fill: #9198a1 }
  line { stroke: #3d444d }
  .first { fill: #4493f8 }
  .second { fill: #d29922 }
}
</style>`

function pixels(value: number): string {
  return String(Math.round(value * 10) / 10)
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
