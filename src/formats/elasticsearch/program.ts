import { parseObject } from '../../lib/json-object.ts'
import type { Op, Program } from '../../model/program.ts'
import type { Resource } from '../../model/resource.ts'
import type { CompileOptions } from '../../model/sink.ts'
import { programOf, treeOf } from '../schema-program.ts'
import { ecs } from '../schemas/ecs.ts'
import { constant } from '../schemas/rows.ts'
import type { Schema } from '../schemas/schema.ts'

/** Where entries go: `logs-<dataset>-<namespace>`. Source: https://www.elastic.co/docs/reference/ecs/ecs-data_stream */
export interface DataStream {
  /** Of pods that choose none. */
  readonly dataset: string
  /** Elastic's word: not that of pods. */
  readonly namespace: string
}

const TYPE = 'logs'
const NEWLINE = 10

/**
 * Two lines for each record: what to do, and the document, in schema `ecs`. Its id is the record's, so that the server finds what it has already when it
 * is sent again. A record without an id, from another sink's dead letters, gets one from the server.
 */
export function compileBulk({ dataset: usual, namespace }: DataStream) {
  return (resource: Resource, { hasIds, partition = '' }: CompileOptions): Program => {
    const dataset = partition === '' ? usual : partition
    const schema = schemaOf({ dataset, namespace })
    const index = JSON.stringify(`${TYPE}-${dataset}-${namespace}`)
    const recordId: Op = { op: 'record-id' }
    const id = hasIds ? [',"_id":"', recordId, '"'] : []
    const before = [`{"create":{"_index":${index}`, ...id, '}}\n']
    return programOf(treeOf(schema.rows, { schema, resource, hasIds: false }), { before, end: '}\n' })
  }
}

function schemaOf({ dataset, namespace }: DataStream): Schema {
  const stream = Object.entries({ type: TYPE, dataset, namespace })
  return { ...ecs, rows: [...ecs.rows, ...stream.map(([name, value]) => constant(['data_stream', name], value))] }
}

/** An entry's id, if it has one, and its document. */
export function parseBulk(entry: Uint8Array): { readonly id: string | undefined; readonly document: Uint8Array } {
  const end = entry.indexOf(NEWLINE) + 1
  const { _id } = Object(parseObject(Buffer.from(entry.subarray(0, end)).toString())?.create)
  return { id: typeof _id === 'string' ? _id : undefined, document: entry.subarray(end) }
}
