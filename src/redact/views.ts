/** A text as it reads once its escapes, as JSON has them, are resolved. */
export interface View {
  readonly text: string
  /** Where each of its characters, and its end, stands in the text it was made of. Undefined where nothing was resolved. */
  readonly places: Int32Array | undefined
}

/** JSON in a text of JSON in a text. */
const DEEPEST = 2
const MEANINGS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }
const ESCAPE = /\\(?:["\\/bfnrt]|u([0-9a-fA-F]{4}))/g

/** The text itself, and what it reads when its escapes are resolved, once and twice. */
export function viewsOf(text: string): View[] {
  const views: View[] = [{ text, places: undefined }]
  for (let view = views[0]; view !== undefined && views.length <= DEEPEST; view = views.at(-1)) {
    const next = view.text.includes('\\') ? resolved(view) : undefined
    if (next === undefined) break
    views.push(next)
  }
  return views
}

/** Undefined if there are no escapes. */
function resolved({ text, places: before }: View): View | undefined {
  const places = new Int32Array(text.length + 1)
  const source = (at: number) => before?.[at] ?? at
  let out = ''
  let at = 0
  const copy = (to: number) => {
    for (let place = at; place < to; place += 1) places[out.length + place - at] = source(place)
    out += text.slice(at, to)
  }
  for (const { 0: written, 1: hex, index } of text.matchAll(ESCAPE)) {
    copy(index)
    places[out.length] = source(index)
    const sign = written[1] ?? ''
    out += hex === undefined ? (MEANINGS[sign] ?? sign) : String.fromCharCode(Number.parseInt(hex, 16))
    at = index + written.length
  }
  if (at === 0) return undefined
  copy(text.length)
  places[out.length] = source(text.length)
  return { text: out, places: places.subarray(0, out.length + 1) }
}
