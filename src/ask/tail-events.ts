import { createParser } from 'eventsource-parser'
import { fieldsOf } from '../kube/fields.ts'
import type { TailSelection } from '../model/tail-selection.ts'

/** An event of `/api/tail`. `line`: the entry's bytes, without a newline. */
export type TailEvent =
  | { readonly kind: 'entry'; readonly line: Buffer }
  /** The agent dropped so many entries. */
  | { readonly kind: 'dropped'; readonly entryCount: number }
  /** What the agent does with the containers that are asked for. */
  | { readonly kind: 'selection'; readonly selection: TailSelection }

/** Reads the server-sent events of an agent. Ignores comments and other events. */
export async function* tailEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<TailEvent> {
  let events: TailEvent[] = []
  const parser = createParser({
    onEvent: ({ event = 'message', data }) => {
      if (event === 'message') events.push({ kind: 'entry', line: Buffer.from(data) })
      if (event === 'selection') events.push({ kind: 'selection', selection: selectionIn(data) })
      if (event === 'dropped') events.push({ kind: 'dropped', entryCount: countIn(data) })
    },
  })
  // Streaming, since a character may be split between chunks.
  const decoder = new TextDecoder()
  for await (const chunk of body) {
    parser.feed(decoder.decode(chunk, { stream: true }))
    const complete = events
    events = []
    yield* complete
  }
}

/** At least 1: entries were dropped even if the number is invalid. */
function countIn(text: string): number {
  try {
    const { entries } = fieldsOf(JSON.parse(text))
    return typeof entries === 'number' ? entries : 1
  } catch {
    return 1
  }
}

/** Without containers if it cannot be read: an agent is no reason to fail. */
function selectionIn(text: string): TailSelection {
  try {
    const { containers, excluded } = fieldsOf(JSON.parse(text))
    const counts = Object.entries(fieldsOf(excluded)).filter((entry): entry is [string, number] =>
      Number.isFinite(entry[1]),
    )
    return { containers: typeof containers === 'number' ? containers : 0, excluded: Object.fromEntries(counts) }
  } catch {
    return { containers: 0, excluded: {} }
  }
}
