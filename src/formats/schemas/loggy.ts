import { cluster, fixedFields, member, ownFields, record } from './rows.ts'
import type { Schema } from './schema.ts'

/** What is known of a container, in the order of entries. */
const KUBERNETES = [
  'namespace',
  'pod',
  'container',
  'uid',
  'node',
  'podIP',
  'image',
  'containerID',
  'restartCount',
  'containerKind',
  'owner',
  'labels',
  'annotations',
  'annotationsOmitted',
  'namespaceLabels',
  'nodeLabels',
  'metadata',
]

/** Loggy's own. docs/entries.md has what the fields mean. */
export const loggy: Schema = {
  name: 'loggy',
  rows: [
    record('id', ['id']),
    record('time', ['time']),
    record('stream', ['stream']),
    record('level', ['level']),
    record('log', ['log']),
    record('json', ['json']),
    ...ownFields((name) => [name]),
    cluster(['cluster']),
    fixedFields([]),
    ...KUBERNETES.map((field) => member(field, ['kubernetes', field])),
  ],
}
