import { type JsonObject, membersOf, textsOf } from '../../lib/json-object.ts'
import type { Resource } from '../../model/resource.ts'
import {
  isOwned,
  type Member,
  type Path,
  type RecordField,
  type RecordRow,
  type ResourceRow,
  type Schema,
  startsWith,
  textOfPath,
  valueAt,
} from './schema.ts'

/** A field of a record. */
export function record(field: RecordField, path: Path, as: Partial<RecordRow> = {}): RecordRow {
  return { ...as, kind: 'record', field, path }
}

/** What only Loggy knows of a record. */
export function ownFields(pathOf: (name: string) => Path): RecordRow[] {
  const fields = ['malformed', 'partial', 'lost', 'sampled', 'truncated', 'originalBytes', 'lines'] as const
  return fields.map((field) => record(field, pathOf(field)))
}

/** A field of a container as it is. */
export function member(field: string, path: Path): ResourceRow {
  return kubernetesRow({
    fields: [field],
    paths: [path],
    write: (kubernetes) => [[path, kubernetes[field]]],
    read: (entry) => ({ [field]: valueAt(entry, path) }),
  })
}

/** The members of a map, each beside the others under its name with a prefix. */
export function spread(field: string, at: Path, prefix: string): ResourceRow {
  const isOne = (name: string) => name.startsWith(prefix)
  return {
    kind: 'resource',
    fields: [field],
    places: [textOfPath([...at, `${prefix}<key>`])],
    write: ({ kubernetes }) => membersOf(kubernetes[field]).map(([key, value]) => [[...at, prefix + key], value]),
    read(entry) {
      const found = membersOf(valueAt(entry, at)).filter(([name]) => isOne(name))
      if (found.length === 0) return {}
      return {
        kubernetes: { [field]: Object.fromEntries(found.map(([name, value]) => [name.slice(prefix.length), value])) },
      }
    },
    owns: (path) => path.length === at.length + 1 && startsWith(path, at) && isOne(path.at(-1) ?? ''),
  }
}

/** Where the metadata are from. Always there, so that Loggy's own object is never without a member. */
export function source(path: Path): ResourceRow {
  return kubernetesRow({
    fields: ['metadata'],
    paths: [path],
    write: ({ metadata = 'api' }) => [[path, metadata]],
    read(entry) {
      const metadata = valueAt(entry, path)
      return metadata === 'path-only' || metadata === 'cached' ? { metadata } : {}
    },
  })
}

/** The same in each entry. */
export function constant(path: Path, value: unknown): ResourceRow {
  return kubernetesRow({ fields: [], paths: [path], write: () => [[path, value]], read: () => ({}) })
}

/** What is made of other fields, and therefore is not read. It gives way to fixed fields of the same name. */
export function derived(
  paths: readonly Path[],
  make: (kubernetes: JsonObject) => readonly Member[],
  places = paths.map(textOfPath),
): ResourceRow {
  return {
    kind: 'resource',
    isDerived: true,
    fields: [],
    places,
    write: ({ kubernetes }) => make(kubernetes),
    read: () => ({}),
    owns: () => false,
  }
}

/** The cluster's name. */
export function cluster(path: Path): ResourceRow {
  return {
    kind: 'resource',
    fields: ['cluster'],
    places: [textOfPath(path)],
    write: ({ fields }) => [[path, fields.cluster]],
    read(entry) {
      const name = valueAt(entry, path)
      return typeof name === 'string' ? { fields: { cluster: name } } : {}
    },
    owns: (other) => startsWith(path, other),
  }
}

/** Fixed fields, in an object of the schema; those whose name the schema itself uses there stand in Loggy's own, if that may happen. */
export function fixedFields(at: Path, own?: Path): ResourceRow {
  return {
    kind: 'resource',
    fields: ['fixed fields'],
    places: [textOfPath([...at, '<name>'])],
    write({ fields: { cluster: _, ...fields } }, schema) {
      return Object.entries(fields).map(([name, value]) => {
        const path = [...at, name]
        return [own !== undefined && isOwned(schema, path) ? [...own, name] : path, value]
      })
    },
    read: (entry, schema) => ({
      fields: Object.fromEntries([
        ...textsOf(valueAt(entry, at)).filter(([name]) => !isOwned(schema, [...at, name])),
        ...(own === undefined ? [] : textsOf(valueAt(entry, own))),
      ]),
    }),
    owns: (path) => own !== undefined && startsWith(own, path),
  }
}

/** A row of what is in `kubernetes`. */
export function kubernetesRow(row: {
  readonly fields: readonly string[]
  readonly paths: readonly Path[]
  write(kubernetes: JsonObject): readonly Member[]
  read(entry: JsonObject, schema: Schema): JsonObject
}): ResourceRow {
  return {
    kind: 'resource',
    fields: row.fields,
    places: row.paths.map(textOfPath),
    write: ({ kubernetes }: Resource) => row.write(kubernetes),
    read: (entry, schema) => ({ kubernetes: row.read(entry, schema) }),
    owns: (path) => row.paths.some((own) => startsWith(own, path)),
  }
}
