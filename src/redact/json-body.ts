/** What becomes of the texts and numbers in a body that is JSON. `name`: of the member that they are in, or whose list they are in. */
export interface JsonMapping {
  text(value: string, name: string | undefined): string
  /** Undefined for a number that stays. */
  number(digits: string, name: string | undefined): string | undefined
}

/** An object or list that is open. */
interface Frame {
  readonly isObject: boolean
  /** A member's name comes next. */
  isNameNext: boolean
  name: string | undefined
}

/** How an object or a list begins: most texts that begin with a bracket are told by it, and a parser's exception takes 3 µs. */
const BEGIN = /^\s*(?:\{\s*["}]|\[\s*["[{\]\dtfn-])/
const LEXEME = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*|[{}[\]:,]/gs

/** The body with its texts and numbers mapped, if it is an object or a list of JSON; undefined if it is none. What stays is as it was written. */
export function mapJson(body: string, mapping: JsonMapping): string | undefined {
  if (!isJson(body)) return undefined
  const frames: Frame[] = []
  let out = ''
  let at = 0
  for (const { 0: lexeme, index } of body.matchAll(LEXEME)) {
    const written = mapped(lexeme, frames, mapping)
    if (written === undefined) continue
    out += body.slice(at, index) + written
    at = index + lexeme.length
  }
  return out + body.slice(at)
}

function isJson(body: string): boolean {
  if (!BEGIN.test(body) || !'}]'.includes(body.trimEnd().slice(-1))) return false
  try {
    JSON.parse(body)
    return true
  } catch {
    return false // a text that begins so
  }
}

/** What is to be written instead; undefined if it stays. Keeps track of where in the object it stands. */
function mapped(lexeme: string, frames: Frame[], { text, number }: JsonMapping): string | undefined {
  const frame = frames.at(-1)
  switch (lexeme) {
    case '{':
      frames.push({ isObject: true, isNameNext: true, name: undefined })
      return undefined
    case '[':
      frames.push({ isObject: false, isNameNext: false, name: frame?.name })
      return undefined
    case '}':
    case ']':
      frames.pop()
      return undefined
    case ':':
      if (frame !== undefined) frame.isNameNext = false
      return undefined
    case ',':
      if (frame?.isObject) Object.assign(frame, { isNameNext: true, name: undefined })
      return undefined
  }
  if (!lexeme.startsWith('"')) return number(lexeme, frame?.name)
  const value: string = lexeme.includes('\\') ? JSON.parse(lexeme) : lexeme.slice(1, -1)
  const name = frame?.name
  if (frame?.isNameNext) frame.name = value
  const changed = text(value, name)
  return changed === value ? undefined : JSON.stringify(changed)
}
