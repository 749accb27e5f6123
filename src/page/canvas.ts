/** A drawing in an element: as large as that is, sharp on every screen, and drawn anew when the element's size or the theme changes. */
export class Canvas {
  readonly #root: HTMLElement
  readonly #canvas = document.createElement('canvas')
  readonly #draw: (context: CanvasRenderingContext2D, size: DrawingSize) => void
  readonly #resizing = new ResizeObserver(() => this.redraw())
  readonly #theme = matchMedia('(prefers-color-scheme: dark)')
  readonly #onTheme = () => this.redraw()

  /** `draw` gets an empty canvas whose unit is a pixel of the page. */
  constructor(root: HTMLElement, draw: (context: CanvasRenderingContext2D, size: DrawingSize) => void) {
    this.#root = root
    this.#draw = draw
    root.append(this.#canvas)
    this.#resizing.observe(root)
    this.#theme.addEventListener('change', this.#onTheme)
  }

  redraw(): void {
    const { clientWidth: width, clientHeight: height } = this.#root
    const context = this.#canvas.getContext('2d')
    if (context === null || width === 0 || height === 0) return
    const [wide, high] = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)]
    // To set a size costs new memory, even if it is the same.
    if (this.#canvas.width !== wide || this.#canvas.height !== high) {
      this.#canvas.width = wide
      this.#canvas.height = high
    }
    context.setTransform(wide / width, 0, 0, high / height, 0, 0)
    context.clearRect(0, 0, width, height)
    this.#draw(context, { width, height })
  }

  remove(): void {
    this.#resizing.disconnect()
    this.#theme.removeEventListener('change', this.#onTheme)
    this.#canvas.remove()
  }
}

export interface DrawingSize {
  readonly width: number
  readonly height: number
}
