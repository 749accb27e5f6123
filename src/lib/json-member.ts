/** Where a member's value stands in a text. */
interface Span {
  readonly start: number
  readonly end: number
}

/** The text of a member of a text that is a JSON object, as it stands there: JSON allows numbers and doubled names that no object of JavaScript has. */
export function memberText(json: string, path: readonly string[]): string | undefined {
  let text = json
  for (const name of path) {
    const span = memberSpan(text, name)
    if (span === undefined) return undefined
    text = text.slice(span.start, span.end)
  }
  return text
}

/** The last one of that name, which is the one that `JSON.parse` takes. */
function memberSpan(json: string, name: string): Span | undefined {
  let found: Span | undefined
  let at = skipSpace(json, 0)
  if (json[at] !== '{') return undefined
  for (at = skipSpace(json, at + 1); json[at] === '"'; at = skipSpace(json, at + 1)) {
    const nameEnd = endOfString(json, at)
    const isIt = JSON.parse(json.slice(at, nameEnd)) === name
    const start = skipSpace(json, skipSpace(json, nameEnd) + 1)
    const end = endOfValue(json, start)
    if (isIt) found = { start, end }
    at = skipSpace(json, end)
    if (json[at] !== ',') break
  }
  return found
}

function skipSpace(json: string, at: number): number {
  let end = at
  while (/[ \t\r\n]/.test(json[end] ?? '')) end += 1
  return end
}

/** Behind its second quote. */
function endOfString(json: string, at: number): number {
  for (let end = at + 1; end < json.length; end += 1) {
    if (json[end] === '\\') end += 1
    else if (json[end] === '"') return end + 1
  }
  return json.length
}

function endOfValue(json: string, at: number): number {
  let depth = 0
  for (let end = at; end < json.length; end += 1) {
    const character = json[end] ?? ''
    if (depth === 0 && /[,}\] \t\r\n]/.test(character)) return end
    if (character === '"') end = endOfString(json, end) - 1
    else if (character === '{' || character === '[') depth += 1
    else if (character === '}' || character === ']') depth -= 1
    if (depth === 0 && (character === '}' || character === ']' || character === '"')) return end + 1
  }
  return json.length
}
