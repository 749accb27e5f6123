import { INDEX_LABELS, labelName, METADATA_NAMES, METADATA_PREFIXES } from '../lib/loki-labels.ts'
import type { Fault } from './config-error.ts'
import type { Given } from './layer.ts'

/** Loki's defaults (pkg/validation/limits.go): labels of a stream, and bytes of a value. */
const MAX_LABELS = 15
const MAX_VALUE_BYTES = 2048
const TAKEN = new Set<string>([...INDEX_LABELS, ...METADATA_NAMES])
const TAKEN_PREFIXES = ['__', ...METADATA_PREFIXES]

/** Fixed fields become labels of Loki's streams: what it would refuse, or could not tell apart, is a fault at the start. */
export function faultsOfIndexLabels(strongest: ReadonlyMap<string, Given>): Fault[] {
  const given = strongest.get('enrich.fields')
  if (given === undefined || strongest.get('sink.type')?.raw !== 'loki') return []
  const fields = Object.entries(Object(given.raw)).map(([name, value]) => [name, String(value)] as const)
  const fault = (value: unknown, expected: string): Fault => {
    return { key: 'enrich.fields', value, expected: `${expected}, since sink.type is loki`, from: given.from }
  }
  const most = MAX_LABELS - INDEX_LABELS.length
  const names = new Set<string>()
  const faults = fields.length > most ? [fault(given.raw, `at most ${most} fields`)] : []
  for (const [field, value] of fields) {
    const name = labelName(field)
    if (TAKEN.has(name) || TAKEN_PREFIXES.some((prefix) => name.startsWith(prefix)))
      faults.push(fault(field, `no field whose label would be ${name}, a name of Loki's or of Loggy's own`))
    else if (names.has(name)) faults.push(fault(field, `no two fields whose label would be ${name}`))
    if (Buffer.byteLength(value) > MAX_VALUE_BYTES)
      faults.push(fault(value, `values of at most ${MAX_VALUE_BYTES} bytes`))
    names.add(name)
  }
  return faults
}
