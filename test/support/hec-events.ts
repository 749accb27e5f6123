export type HecEvent = Readonly<Record<string, unknown>>

/** Events of a request to Splunk's HTTP Event Collector: JSON objects, one after the other with anything white, or nothing, between them. */
export function hecEvents(body: string): HecEvent[] {
  const events: HecEvent[] = []
  for (let at = 0; at < body.length; ) {
    const end = endOfObject(body, at)
    events.push(JSON.parse(body.slice(at, end)))
    at = end + (/^\s*/.exec(body.slice(end))?.[0].length ?? 0)
  }
  return events
}

function endOfObject(body: string, start: number): number {
  const token = /"(?:[^"\\]|\\.)*"|[{}]/gs
  token.lastIndex = start
  let depth = 0
  for (let found = token.exec(body); found !== null; found = token.exec(body)) {
    if (found[0] === '{') depth += 1
    if (found[0] === '}') depth -= 1
    if (depth === 0) return token.lastIndex
  }
  throw new SyntaxError('an event without an end')
}
