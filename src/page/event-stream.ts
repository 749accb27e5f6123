export interface ServerEvent {
  readonly name: string
  readonly data: string
}

const DATA = 'data: '

/**
 * Server-sent events from pieces of text, however these are cut. Only what the agent sends: lines end in a newline, and comments are
 * passed over. `EventSource` would do, but makes a task of each event, and hides why a request was refused.
 */
export class EventStream {
  #rest = ''

  /** The events that `piece` completes. */
  push(piece: string): ServerEvent[] {
    const events: ServerEvent[] = []
    // The end of an event may be cut as well, hence one character back.
    let searchFrom = Math.max(0, this.#rest.length - 1)
    const text = this.#rest + piece
    let start = 0
    for (;;) {
      const end = text.indexOf('\n\n', searchFrom)
      if (end < 0) break
      const event = parseEvent(text.slice(start, end))
      if (event !== undefined) events.push(event)
      start = end + 2
      searchFrom = start
    }
    this.#rest = text.slice(start)
    return events
  }
}

function parseEvent(block: string): ServerEvent | undefined {
  if (block.startsWith(DATA) && !block.includes('\n')) return { name: 'message', data: block.slice(DATA.length) }
  let name = 'message'
  const data: string[] = []
  for (const line of block.split('\n')) {
    if (line.startsWith(DATA)) data.push(line.slice(DATA.length))
    else if (line.startsWith('event: ')) name = line.slice('event: '.length)
  }
  return data.length === 0 ? undefined : { name, data: data.join('\n') }
}
