/** In so many bytes, a line or two, a call into Node takes longer than the search. In more, the loop here would be compiled for a single chunk: 3 MB. */
const SHORT_BYTES = 1024

/** Looks for a text of up to 255 bytes. In short ones it compares few of their bytes: Horspool's algorithm. */
export class TextSearch {
  readonly #text: Uint8Array
  /** By the byte that stands at the text's end: how far on it may stand next. */
  readonly #steps: Uint8Array

  constructor(text: string) {
    this.#text = Buffer.from(text)
    const last = this.#text.length - 1
    this.#steps = new Uint8Array(256).fill(last + 1)
    for (let at = 0; at < last; at += 1) this.#steps[this.#text[at] as number] = last - at
  }

  /** Where it stands first in the bytes, from `from` on; -1 if nowhere. */
  indexIn(bytes: Uint8Array, from = 0): number {
    if (bytes.length > SHORT_BYTES)
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(this.#text, from)
    const text = this.#text
    const steps = this.#steps
    const last = text.length - 1
    for (let end = from + last; end < bytes.length; end += steps[bytes[end] as number] as number) {
      let same = 0
      while (same <= last && bytes[end - same] === text[last - same]) same += 1
      if (same > last) return end - last
    }
    return -1
  }
}
