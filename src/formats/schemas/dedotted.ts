import { textsOf } from '../../lib/json-object.ts'
import { kubernetesRow } from './rows.ts'
import { type Path, type ResourceRow, valueAt } from './schema.ts'

/**
 * A map with `_` for the dots of its keys, so that no key is both a value and an object to Elasticsearch. A key's prefix, which is a DNS name, has no
 * `_` of its own and can be read back. Members whose keys cannot, and those that meet at one key, stand at `own` too, as `key=value`.
 */
export function dedotted(field: string, path: Path, own: Path): ResourceRow {
  return kubernetesRow({
    fields: [field],
    paths: [path, own],
    write(kubernetes) {
      if (kubernetes[field] === undefined) return []
      const members = textsOf(kubernetes[field])
      // Of keys that meet, the one that has no dots itself is shown.
      const [plain, dotted] = [
        members.filter(([key]) => key === dedot(key)),
        members.filter(([key]) => key !== dedot(key)),
      ]
      const shown = [...dotted.map(([key, value]) => [dedot(key), value] as const), ...plain]
      const unclear = new Set(members.flatMap(([key]) => (withDots(dedot(key)) === key ? [] : [dedot(key)])))
      const kept = members.filter(([key]) => unclear.has(dedot(key))).map(([key, value]) => `${key}=${value}`)
      return [
        [path, Object.fromEntries(shown)],
        [own, kept.length === 0 ? undefined : kept],
      ]
    },
    read(entry) {
      const shown = valueAt(entry, path)
      if (shown === undefined) return {}
      const kept = pairsOf(valueAt(entry, own))
      const unclear = new Set(kept.map(([key]) => dedot(key)))
      const clear = textsOf(shown).filter(([key]) => !unclear.has(key))
      return { [field]: Object.fromEntries([...clear.map(([key, value]) => [withDots(key), value]), ...kept]) }
    },
  })
}

function dedot(key: string): string {
  return key.replaceAll('.', '_')
}

function withDots(key: string): string {
  const slash = key.indexOf('/')
  return slash < 0 ? key : key.slice(0, slash).replaceAll('_', '.') + key.slice(slash)
}

/** No key has an equals sign: Kubernetes allows letters, digits, `-`, `_`, `.` and one `/`. */
function pairsOf(list: unknown): [string, string][] {
  if (!Array.isArray(list)) return []
  return list
    .map((pair) => String(pair))
    .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)])
}
