import { isUtf8 } from 'node:buffer'

const TOKEN =
  /[ \t\r\n]*(?:([{}[\],:])|("(?:[^"\\]|\\.)*")|(true|false|null)|(-?(?:0|[1-9]\d*|\d+)(?:\.\d+)?(?:[eE][+-]?\d+)?))/y
const DEEPEST = 64

/** Whether the lines are an object, or may become one. Each token stands in one line. */
export function objectOf(lines: readonly Buffer[]): 'whole' | 'open' | undefined {
  /** What may come next, from the end. */
  let open: ('object' | 'array')[] = []
  let next = 'value'
  for (const line of lines) {
    const text = line.toString('latin1')
    for (TOKEN.lastIndex = 0; /[^ \t\r\n]/.test(text.slice(TOKEN.lastIndex)); ) {
      const [, mark, string, word, number] = TOKEN.exec(text) ?? []
      if (mark === undefined && string === undefined && word === undefined && number === undefined) return undefined
      if (next === 'nothing') return undefined
      const isValue = next === 'value' || next === 'value or end'
      if (string !== undefined) {
        if (!isString(Buffer.from(string, 'latin1'))) return undefined
        if (next === 'key' || next === 'key or end') next = 'colon'
        else if (isValue) next = 'comma or end'
        else return undefined
      } else if (word !== undefined || number !== undefined) {
        if (!isValue || (number !== undefined && /^-?0\d/.test(number))) return undefined
        next = 'comma or end'
      } else if (mark === '{' || mark === '[') {
        if (!isValue || open.length === DEEPEST) return undefined
        open = [...open, mark === '{' ? 'object' : 'array']
        next = mark === '{' ? 'key or end' : 'value or end'
      } else if (mark === '}' || mark === ']') {
        const [kind, first] = mark === '}' ? ['object', 'key or end'] : ['array', 'value or end']
        if (open.at(-1) !== kind || (next !== 'comma or end' && next !== first)) return undefined
        open = open.slice(0, -1)
        next = open.length === 0 ? 'nothing' : 'comma or end'
      } else if (mark === ',') {
        if (next !== 'comma or end') return undefined
        next = open.at(-1) === 'object' ? 'key' : 'value'
      } else if (next === 'colon') next = 'value'
      else return undefined
    }
  }
  return open.length === 0 ? 'whole' : 'open'
}

function isString(bytes: Buffer): boolean {
  if (!isUtf8(bytes)) return false
  try {
    return (JSON.parse(bytes.toString()) as string).isWellFormed()
  } catch {
    return false // no JSON
  }
}
