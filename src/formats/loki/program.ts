import type { Op, Program } from '../../model/program.ts'
import type { Resource } from '../../model/resource.ts'
import type { CompileOptions } from '../../model/sink.ts'
import { programOf, type Tree, wellFormed } from '../schema-program.ts'
import { ownFields, record } from '../schemas/rows.ts'
import { type Labels, type MetadataChoice, metadataOf, streamLabels } from './labels.ts'

const TIME: Op = { op: 'time', as: 'decimal', unit: 'ns' }
const BODY: Op = { op: 'body', as: 'string' }
const NEWLINE = 10
const FIELDS = ['stream', 'level', 'id'] as const
const ROWS = [...FIELDS, ...ownFields((name) => [name]).map(({ field }) => field)].map((field) =>
  record(field, [field], { isText: true }),
)

/**
 * An entry is one of the `values` of its stream, with a comma before it: time, line, structured metadata. Its head: what stands before them in a request,
 * and, on a line of its own that is not sent, the resource, for dead letters. Source: https://grafana.com/docs/loki/latest/reference/loki-http-api/
 */
export function compileLoki(choice: MetadataChoice) {
  return (resource: Resource, { hasIds }: CompileOptions): Program => {
    const tree: Tree = new Map(
      Object.entries(metadataOf(resource, choice)).map(([name, value]) => [name, JSON.stringify(value)]),
    )
    for (const row of ROWS) if (hasIds || row.field !== 'id') tree.set(row.path.join(), [row])
    const program = programOf(tree, { before: [',["', TIME, '","', BODY, '",'], end: '}]' })
    const stream = `{"stream":${JSON.stringify(streamLabels(resource))},"values":[`
    return { ...program, head: Buffer.from(`${stream}\n${wellFormed(JSON.stringify(resource))}`) }
  }
}

/** What of a head stands in a request. */
export function streamPart(head: Uint8Array): Buffer {
  const end = head.indexOf(NEWLINE)
  return Buffer.from(head.buffer, head.byteOffset, end === -1 ? head.length : end)
}

/** The labels in a head. */
export function labelsIn(head: Uint8Array): Labels {
  return JSON.parse(`${streamPart(head)}]}`).stream
}

/** The container that a head is of. */
export function resourceIn(head: Uint8Array): Resource {
  return JSON.parse(Buffer.from(head.subarray(head.indexOf(NEWLINE) + 1)).toString())
}

/** An entry, read back. */
export function parseEntry(entry: Uint8Array): { readonly time: string; readonly line: string; readonly own: Labels } {
  const [time, line, own] = JSON.parse(Buffer.from(entry.subarray(1)).toString())
  return { time, line, own }
}
