import { serviceOf } from '../service.ts'
import { derived } from './rows.ts'
import { type Member, type Path, type ResourceRow, textOfPath } from './schema.ts'

/** The service that a container belongs to; see service.ts. */
export function service(at: Path): ResourceRow {
  const names = ['service.name', 'service.namespace', 'service.version', 'service.instance.id']
  return derived(
    names.map((name) => [...at, name]),
    (kubernetes) => Object.entries(serviceOf(kubernetes)).map(([name, value]): Member => [[...at, name], value]),
    [...names, '<key> of annotation resource.opentelemetry.io/<key>'].map((name) => textOfPath([...at, name])),
  )
}
