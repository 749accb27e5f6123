/** Labels that stand beside other fields, under names with a prefix. */
export function labelsOf(record: Readonly<Record<string, unknown>>, prefix: string): Readonly<Record<string, unknown>> {
  const labels = Object.entries(record).filter(([name]) => name.startsWith(prefix))
  return Object.fromEntries(labels.map(([name, value]) => [name.slice(prefix.length), value]))
}
