import { fieldsOf } from '../kube/fields.ts'
import { LineSplitter } from '../view/lines.ts'

/** What an agent says on `/api/tail`. `line`: the entry's bytes, without a newline. */
export type TailEvent =
  | { readonly kind: 'entry'; readonly line: Buffer }
  /** Entries that it had to leave out. */
  | { readonly kind: 'dropped'; readonly entryCount: number }

const dataPrefix = Buffer.from('data: ')
const eventPrefix = Buffer.from('event: ')

/**
 * Reads server-sent events as the agent writes them: one line of data each, and a space behind the colon. Comments and events of other
 * names are passed over.
 */
export async function* tailEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<TailEvent> {
  const splitter = new LineSplitter()
  let name = ''
  for await (const chunk of body) {
    for (const line of splitter.push(chunk)) {
      if (line.length === 0) name = ''
      else if (startsWith(line, eventPrefix)) name = line.toString('utf8', eventPrefix.length)
      else if (startsWith(line, dataPrefix)) yield* eventOf(name, line.subarray(dataPrefix.length))
    }
  }
}

function* eventOf(name: string, data: Buffer): Generator<TailEvent> {
  if (name === '' || name === 'message') yield { kind: 'entry', line: data }
  if (name === 'dropped') yield { kind: 'dropped', entryCount: countIn(data.toString()) }
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

function startsWith(line: Buffer, prefix: Buffer): boolean {
  return line.length >= prefix.length && line.compare(prefix, 0, prefix.length, 0, prefix.length) === 0
}
