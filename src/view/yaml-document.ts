import { stringify } from 'yaml'
import type { Entry } from '../entry/entry.ts'

/** An entry as a YAML document of its own, without a newline at the end. */
export function yamlDocument({ json, log, ...entry }: Entry): string {
  // A line that stands as JSON on its entry has its text besides only for those who read entries.
  const line = json === undefined ? { log } : { json }
  return `---\n${stringify({ ...entry, ...line }, { lineWidth: 0 }).trimEnd()}`
}
