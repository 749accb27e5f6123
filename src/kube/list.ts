import { parseError, parseJson, versionOf } from './answer.ts'
import { fieldsOf } from './fields.ts'

/** The trimmed objects of a list, and the resourceVersion from which a watch continues; a kubelet's list has none. */
export interface ObjectList<T> {
  readonly items: readonly T[]
  readonly resourceVersion: string | undefined
}

/** Go's encoder writes a list's own metadata before its items, and no white space. */
const itemsStart = Buffer.from('"items":[')
/** Where one object ends and the next begins. In JSON, quotes inside a string are escaped, so no string can contain this. */
const itemsBoundary = Buffer.from('},{"metadata":{')
/** Bytes. Node reads from a socket in chunks of at most this size. */
const pieceBytes = 64 * 1024

/**
 * Reads the body of a list and trims its objects one by one as they arrive. So the whole list is never in memory, and log lines are read
 * in between. Throws LoggyError `KUBE_PARSE`, and the stream's errors.
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
 * The part of the list that is not parsed yet. `head`: the items have not begun. `rest`: the list is not written as Go does, so it is
 * parsed as a whole at the end. Each object must parse, so a wrong boundary is detected.
 */
class ListReader<T> {
  readonly #trim: (object: unknown) => T | undefined
  readonly #items: T[] = []
  /** The list's metadata have been taken off, and stood before its items. */
  #hasHead = false
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
    // A boundary may be split between two pieces.
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
    const list = fieldsOf(parseJson(this.#hasHead ? `{"items":[${text}` : text))
    const items = list.items ?? []
    const resourceVersion = this.#resourceVersion ?? versionOf(list)
    const isEmpty = list.items === undefined && resourceVersion === undefined
    if (!Array.isArray(items) || isEmpty) throw parseError('a list without items')
    for (const item of items) this.#add(item)
    return { items: this.#items, resourceVersion }
  }

  #takeHead(): void {
    const at = this.#buffer.subarray(0, this.#end).indexOf(itemsStart)
    if (at === -1) return
    const head = parsed(`${this.#buffer.toString('utf8', 0, at)}"items":[]}`)
    this.#hasHead = head !== undefined
    this.#resourceVersion = versionOf(fieldsOf(head))
    this.#state = this.#hasHead ? 'items' : 'rest'
    if (this.#hasHead) this.#start = at + itemsStart.length
  }

  /** Takes the item that ends before the comma at `end`. */
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

/** Undefined if the text is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
