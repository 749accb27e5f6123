/** Whether a name matches one of the globs. `*` stands for any characters (slashes too), `?` for one. */
export type NameMatch = (name: string) => boolean

/** Compiles globs once; with none, nothing matches. */
export function globs(patterns: readonly string[]): NameMatch {
  if (patterns.includes('*')) return () => true
  if (patterns.length === 0) return () => false
  const expression = new RegExp(`^(?:${patterns.map(globSource).join('|')})$`, 's')
  return (name) => expression.test(name)
}

function globSource(pattern: string): string {
  return pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
}
