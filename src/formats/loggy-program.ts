import type { Program } from '../model/program.ts'
import { compileSchema, programOf, treeOf } from './schema-program.ts'
import { loggy } from './schemas/loggy.ts'

/** Entries in schema `loggy`: what the tap shows. */
export const compileLoggy = compileSchema(loggy)

/** `resource`: what ends each entry, from the comma on. */
export function loggyProgram(resource: Uint8Array, { hasIds = false }: { readonly hasIds?: boolean } = {}): Program {
  const records = loggy.rows.filter((row) => row.kind === 'record')
  const tree = treeOf(records, { schema: loggy, resource: { fields: {}, kubernetes: {} }, hasIds })
  return programOf(tree, Buffer.from(resource).toString())
}
