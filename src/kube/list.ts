import { parseError, parseJson, versionOf } from './answer.ts'
import { fieldsOf } from './fields.ts'

/** Objects of a list, trimmed, and the resourceVersion a watch continues from. */
export interface ObjectList<T> {
  readonly items: readonly T[]
  readonly resourceVersion: string
}

/** Go's encoder writes a list's own metadata before its items, and nothing between tokens. */
const itemsStart = Buffer.from('"items":[')
/** Where one object ends and the next begins. Quotes stand only at the ends of strings unescaped, so no text holds this. */
const itemsBoundary = Buffer.from('},{"metadata":{')
/** Bytes. Node hands on what a socket brought in pieces of so many at most. */
const pieceBytes = 64 * 1024

/**
 * Reads the body of a list and trims its objects one at a time, as they arrive: the whole of it is never in memory, and the lines
 * of the node have their turns meanwhile. Throws LoggyError `KUBE_PARSE`, and what the stream throws.
 */
export async function readList<T>(
  body: AsyncIterable<Uint8Array>,
  trim: (object: unknown) => T | undefined,
): Promise<ObjectList<T>> {
  const reader = new ListReader(trim)
  for await (const piece of body) reader.push(piece)
  return reader.end()
}

/**
 * What of the list has arrived and could not be taken yet. In `head` the items have not begun; `rest` is taken as a whole at the
 * end, because it is not written as Go does. Each object that was taken did parse, so the boundaries need not be believed.
 */
class ListReader<T> {
  readonly #trim: (object: unknown) => T | undefined
  readonly #items: T[] = []
  #state: 'head' | 'items' | 'rest' = 'head'
  #resourceVersion: string | undefined
  #buffer = Buffer.allocUnsafe(2 * pieceBytes)
  #start = 0
  #end = 0

  constructor(trim: (object: unknown) => T | undefined) {
    this.#trim = trim
  }

  push(piece: Uint8Array): void {
    this.#append(piece)
    // A boundary may be cut between two pieces.
    let from = this.#end - piece.length - itemsBoundary.length
    if (this.#state === 'head') this.#takeHead()
    const bytes = this.#buffer.subarray(0, this.#end)
    while (this.#state === 'items') {
      const boundary = bytes.indexOf(itemsBoundary, Math.max(from, this.#start))
      if (boundary === -1) return
      this.#takeItem(boundary + 1)
      from = boundary + 1
    }
  }

  end(): ObjectList<T> {
    const text = this.#buffer.toString('utf8', this.#start, this.#end)
    const list = fieldsOf(parseJson(this.#resourceVersion === undefined ? text : `{"items":[${text}`))
    const items = list.items ?? []
    const resourceVersion = this.#resourceVersion ?? versionOf(list)
    if (!Array.isArray(items) || resourceVersion === undefined)
      throw parseError('a list without items or resourceVersion')
    for (const item of items) this.#add(item)
    return { items: this.#items, resourceVersion }
  }

  #takeHead(): void {
    const at = this.#buffer.subarray(0, this.#end).indexOf(itemsStart)
    if (at === -1) return
    const head = parsed(`${this.#buffer.toString('utf8', 0, at)}"items":[]}`)
    this.#resourceVersion = versionOf(fieldsOf(head))
    this.#state = this.#resourceVersion === undefined ? 'rest' : 'items'
    if (this.#state === 'items') this.#start = at + itemsStart.length
  }

  /** The one that ends before `end`, where a comma follows. */
  #takeItem(end: number): void {
    const item = parsed(this.#buffer.toString('utf8', this.#start, end))
    if (item === undefined) {
      this.#state = 'rest'
      return
    }
    this.#add(item)
    this.#start = end + 1
  }

  #add(object: unknown): void {
    const record = this.#trim(object)
    if (record !== undefined) this.#items.push(record)
  }

  #append(piece: Uint8Array): void {
    const length = this.#end - this.#start
    if (this.#end + piece.length > this.#buffer.length) {
      const isTooSmall = 2 * (length + piece.length) > this.#buffer.length
      const buffer = isTooSmall ? Buffer.allocUnsafe(3 * (length + piece.length)) : this.#buffer
      this.#buffer.copy(buffer, 0, this.#start, this.#end)
      this.#buffer = buffer
      this.#start = 0
      this.#end = length
    }
    this.#buffer.set(piece, this.#end)
    this.#end += piece.length
  }
}

/** Undefined for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
