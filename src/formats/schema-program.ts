import { LEVELS } from '../model/level.ts'
import type { Op, Program } from '../model/program.ts'
import type { Resource } from '../model/resource.ts'
import { STREAM_NAMES } from '../model/stream-name.ts'
import { isOwned, type Path, type RecordRow, type Row, type Schema } from './schemas/schema.ts'

/** An entry's members in order: objects, JSON that is the same for all records, and fields of records. */
export type Tree = Map<string, Tree | string | RecordRow[]>

/** What is written: a text, a level by its place, the first one for none, or an operation. */
type Part = string | readonly string[] | Op

/** A member of records, with its key and the comma before it. */
interface RecordMember {
  readonly row: RecordRow
  readonly key: string
}

type Member = Part | RecordMember

/** The records that a list of operations is for; undefined: all that are not usual. */
type Usual = { readonly stream: 'stdout' | 'stderr'; readonly form: 'text' | 'json' } | undefined

const NONE = new Uint8Array(0)
const FORMS = ['text', 'json'] as const

/** What writes entries of a container in a schema, a line of JSON each. */
export function compileSchema(schema: Schema) {
  return (resource: Resource, { hasIds }: { readonly hasIds: boolean }): Program => {
    const tree = treeOf(schema.rows, { schema, resource, hasIds })
    return programOf(tree, { end: '}\n' })
  }
}

/** `resource`: undefined for what records have of their own only. */
export function treeOf(
  rows: readonly Row[],
  { schema, resource, hasIds }: { readonly schema: Schema; readonly resource: Resource; readonly hasIds: boolean },
): Tree {
  const tree: Tree = new Map()
  for (const row of rows) {
    if (row.kind === 'record') {
      if (row.field !== 'id' || hasIds) put(tree, row.path, row)
      continue
    }
    for (const [path, value] of row.write(resource, schema))
      if (value !== undefined && !(row.isDerived && isOwned(schema, path)))
        put(tree, path, wellFormed(JSON.stringify(value)))
  }
  return tree
}

/** The first one stays: no name is there twice. Fields of records may share a place, as only one of them is there. `depth`: the tree's. */
function put(tree: Tree, path: Path, value: string | RecordRow, depth = 0): void {
  const name = path[depth] ?? ''
  const there = tree.get(name)
  if (depth + 1 < path.length) {
    const inner: Tree = there instanceof Map ? there : new Map()
    if (there === undefined) tree.set(name, inner)
    put(inner, path, value, depth + 1)
  } else if (typeof value === 'string') {
    if (there === undefined) tree.set(name, value)
  } else if (Array.isArray(there)) there.push(value)
  else tree.set(name, [value])
}

/** `before`: what each entry begins with. `end`: what follows its last member. */
export function programOf(
  tree: Tree,
  { before = [], end }: { readonly before?: readonly (string | Op)[]; readonly end: string },
): Program {
  const members = joined<Member>(before)
  addObject(members, tree)
  addPart(members, end)
  const texts = members.filter((member) => typeof member === 'string')
  const { ops, own } = shapeOf(members)
  return { ops, literals: own.map((text) => Buffer.from(withOwn(text, texts))), head: NONE }
}

/** What is the same for all containers that have the same members, but for their texts. */
interface Shape {
  readonly ops: readonly Op[]
  /** Literals with an index between two `OWN` in place of each text of the container. */
  readonly own: readonly string[]
}

/** JSON has no such sign. */
const OWN = '\0'

function withOwn(text: string, texts: readonly string[]): string {
  return text
    .split(OWN)
    .map((piece, index) => (index % 2 === 0 ? piece : texts[Number(piece)]))
    .join('')
}

const shapes = new Map<string, Shape>()

function shapeOf(members: readonly Member[]): Shape {
  const name = members.map(nameOf).join(OWN)
  const shape = shapes.get(name) ?? newShape(members)
  shapes.set(name, shape)
  return shape
}

function nameOf(member: Member): string {
  if (typeof member === 'string') return ''
  return isOfRecords(member) ? `${numberOf(member.row)} ${member.key}` : JSON.stringify(member)
}

/** Each schema has its own rows. */
const numbers = new WeakMap<RecordRow, number>()
let rowCount = 0

function numberOf(row: RecordRow): number {
  const known = numbers.get(row)
  if (known !== undefined) return known
  rowCount += 1
  numbers.set(row, rowCount)
  return rowCount
}

function newShape(members: readonly Member[]): Shape {
  const own: string[] = []
  const literal = (text: string): Op => {
    if (!text.includes(OWN)) return sharedLiteral(text)
    const known = own.indexOf(text)
    return { op: 'own-literal', index: known >= 0 ? known : own.push(text) - 1 }
  }
  let count = 0
  const withPlaces = members.map((member) => (typeof member === 'string' ? `${OWN}${count++}${OWN}` : member))
  const listFor = (usual: Usual) => {
    const parts = withPlaces.flatMap((member) => (isOfRecords(member) ? recordParts(member, usual) : [member]))
    return opsOf(parts, literal)
  }
  const usual = STREAM_NAMES.map((stream): Op => {
    const ops = FORMS.map((form): Op => ({ op: 'if', when: { form }, ops: listFor({ stream, form }) }))
    return { op: 'if', when: { stream }, ops }
  })
  const ops: Op[] = [
    { op: 'if', when: { usual: true }, ops: usual },
    { op: 'if', when: { usual: false }, ops: listFor(undefined) },
  ]
  return { ops, own }
}

/** Adds an object without its closing brace. */
function addObject(members: Member[], tree: Tree): void {
  addPart(members, '{')
  let comma = ''
  for (const [name, value] of tree) {
    const key = `${comma}${wellFormed(JSON.stringify(name))}:`
    if (typeof value === 'string') addPart(members, key + value)
    else if (Array.isArray(value)) for (const row of value) members.push({ row, key })
    else addInner(members, value, key)
    comma = ','
  }
}

function addInner(members: Member[], tree: Tree, key: string): void {
  const [name, value] = tree.entries().next().value ?? []
  const row = Array.isArray(value) ? value[0] : undefined
  // An object for the level alone is there only with it.
  if (tree.size === 1 && row?.field === 'level') {
    members.push(levelTexts(row, { before: `${key}{${JSON.stringify(name)}:`, behind: '}' }))
    return
  }
  addPart(members, key)
  addObject(members, tree)
  addPart(members, '}')
}

function isOfRecords(member: Member): member is RecordMember {
  return typeof member === 'object' && 'row' in member
}

/** Neighbouring texts become one. */
function addPart<T>(parts: (T | string)[], part: T | string): void {
  const last = parts.at(-1)
  if (typeof part === 'string' && typeof last === 'string') parts[parts.length - 1] = last + part
  else parts.push(part)
}

function joined<T>(parts: readonly (T | string)[]): (T | string)[] {
  const all: (T | string)[] = []
  for (const part of parts) addPart(all, part)
  return all
}

/** What is the same for all containers, by its row, and by its key and the records that it is for. */
const shared = new WeakMap<RecordRow, Map<string, readonly Part[]>>()

function recordParts({ row, key }: RecordMember, usual: Usual): readonly Part[] {
  const known = shared.get(row) ?? new Map<string, readonly Part[]>()
  shared.set(row, known)
  const name = `${usual?.stream} ${usual?.form} ${key}`
  const parts = known.get(name) ?? newParts(row, key, usual)
  known.set(name, parts)
  return parts
}

function newParts(row: RecordRow, key: string, usual: Usual): readonly Part[] {
  switch (row.field) {
    case 'id':
      return [`${key}"`, { op: 'record-id' }, '"']
    case 'time':
      return [
        `${key}"`,
        row.isNanoseconds ? { op: 'time', as: 'decimal', unit: 'ns' } : { op: 'time', as: 'written' },
        '"',
      ]
    case 'stream':
      return usual ? [`${key}"${usual.stream}"`] : [key, ...streamOps()]
    case 'level':
      return [levelTexts(row, { before: key, behind: '' })]
    case 'log':
      return formParts('text', usual, [`${key}"`, { op: 'body', as: 'string' }, '"'])
    case 'json':
      return formParts('json', usual, [key, { op: 'body', as: 'json' }])
    default:
      return usual ? [] : [oddOp(row.field, key, row.isText === true)]
  }
}

function formParts(form: 'text' | 'json', usual: Usual, parts: readonly Part[]): readonly Part[] {
  if (usual === undefined) return [{ op: 'if', when: { form }, ops: opsOf(parts) }]
  return usual.form === form ? parts : []
}

function streamOps(): Op[] {
  return ([...STREAM_NAMES, 'unknown'] as const).map((stream) => ({
    op: 'if',
    when: { stream },
    ops: opsOf([`"${stream}"`]),
  }))
}

type OddField = 'malformed' | 'partial' | 'lost' | 'sampled' | 'truncated' | 'originalBytes' | 'lines' | 'redacted'

function oddOp(field: OddField, key: string, isText: boolean): Op {
  const quote = isText ? '"' : ''
  const isSo = [`${key}${quote}true${quote}`]
  const written: Record<OddField, readonly Part[]> = {
    malformed: isSo,
    partial: isSo,
    truncated: isSo,
    lost: isText ? isSo : [key, { op: 'note' }],
    sampled: isText ? isSo : [key, { op: 'note' }],
    originalBytes: [key + quote, { op: 'original-bytes', as: 'decimal' }, quote],
    lines: [key + quote, { op: 'lines', as: 'decimal' }, quote],
    redacted: [key + quote, { op: 'redacted', as: isText ? 'text' : 'list' }, quote],
  }
  const is = field === 'originalBytes' ? 'truncated' : field === 'lines' ? 'joined' : field
  return { op: 'if', when: { is }, ops: opsOf(written[field]) }
}

function levelTexts(
  { writeLevel = (level) => level }: RecordRow,
  { before, behind }: { readonly before: string; readonly behind: string },
): readonly string[] {
  return ['', ...LEVELS.map((level) => before + JSON.stringify(writeLevel(level)) + behind)]
}

/** Neighbours become one: each literal more for each line takes time. */
function opsOf(parts: readonly Part[], literal: (text: string) => Op = sharedLiteral): Op[] {
  const merged: Part[] = []
  for (const part of joined(parts)) {
    const last = merged.at(-1)
    if (isLevel(part) && isLevel(last)) merged[merged.length - 1] = last.map((text, rank) => text + part[rank])
    else merged.push(part)
  }
  return merged.map((part): Op => {
    if (typeof part === 'string') return literal(part)
    return isLevel(part) ? levelOp(part) : part
  })
}

/** By their texts. The same bytes are one literal, which has one place in the kernel's memory. */
const sharedLiterals = new Map<string, Op>()

function sharedLiteral(text: string): Op {
  const op = sharedLiterals.get(text) ?? { op: 'literal', bytes: Buffer.from(text) }
  sharedLiterals.set(text, op)
  return op
}

/** By their texts, which are the same for all containers. */
const levelOps = new Map<string, Op>()

function levelOp(texts: readonly string[]): Op {
  const name = texts.join('\n')
  const op = levelOps.get(name) ?? { op: 'level', literals: texts.map((text) => Buffer.from(text)) }
  levelOps.set(name, op)
  return op
}

function isLevel(part: Part | undefined): part is readonly string[] {
  return Array.isArray(part)
}

/** Half a surrogate pair, which is all that `JSON.stringify` writes so, makes strict parsers refuse each entry of the container. */
export function wellFormed(json: string): string {
  if (!json.includes('\\')) return json
  return json.replace(/\\(?:ud[89a-f]..|.)/g, (written) => (written.length > 2 ? '\ufffd' : written))
}
