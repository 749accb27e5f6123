/** A server that sets ever new names must not fill headers and memory. */
const MAXIMUM_COUNT = 6
const MAXIMUM_BYTES = 1024

/** Cookies of one server, for as long as the process runs: where they are valid and how long does not matter here. */
export class Cookies {
  readonly #values = new Map<string, string>()

  /** The request header; empty for none. */
  get header(): string {
    return [...this.#values].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  /** From a response's header `set-cookie`. `nowMs`: the time of day. */
  take(lines: string | readonly string[] | undefined, nowMs: number): void {
    for (const line of typeof lines === 'string' ? [lines] : (lines ?? [])) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
      const equals = pair.indexOf('=')
      if (equals < 1 || pair.length > MAXIMUM_BYTES || !/^[\x21-\x7e]+$/.test(pair)) continue
      const name = pair.slice(0, equals)
      this.#values.delete(name)
      if (!attributes.some((attribute) => isOver(attribute, nowMs))) this.#values.set(name, pair.slice(equals + 1))
      const [oldest] = this.#values.keys()
      if (oldest !== undefined && this.#values.size > MAXIMUM_COUNT) this.#values.delete(oldest)
    }
  }
}

/** RFC 6265: how a server takes a cookie back. */
function isOver(attribute: string, nowMs: number): boolean {
  const [, name = '', value = ''] = /^([^=]*)=?(.*)$/.exec(attribute) ?? []
  if (name.toLowerCase() === 'max-age') return Number(value) <= 0
  return name.toLowerCase() === 'expires' && Date.parse(value) <= nowMs
}
