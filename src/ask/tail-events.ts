import { createParser } from 'eventsource-parser'
import { fieldsOf } from '../kube/fields.ts'

/** What an agent says on `/api/tail`. `line`: the entry's bytes, without a newline. */
export type TailEvent =
  | { readonly kind: 'entry'; readonly line: Buffer }
  /** Entries that it had to leave out. */
  | { readonly kind: 'dropped'; readonly entryCount: number }

/** Reads the server-sent events of an agent. Comments and events of other names are passed over. */
export async function* tailEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<TailEvent> {
  let events: TailEvent[] = []
  const parser = createParser({
    onEvent: ({ event = 'message', data }) => {
      if (event === 'message') events.push({ kind: 'entry', line: Buffer.from(data) })
      if (event === 'dropped') events.push({ kind: 'dropped', entryCount: countIn(data) })
    },
  })
  // A character may be cut between chunks.
  const decoder = new TextDecoder()
  for await (const chunk of body) {
    parser.feed(decoder.decode(chunk, { stream: true }))
    const complete = events
    events = []
    yield* complete
  }
}

/** Something was dropped even where its number makes no sense. */
function countIn(text: string): number {
  try {
    const { entries } = fieldsOf(JSON.parse(text))
    return typeof entries === 'number' ? entries : 1
  } catch {
    return 1
  }
}
