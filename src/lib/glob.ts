/** Whether a name matches one of the globs. `*` stands for any characters (slashes too), `?` for one. */
export type NameMatch = (name: string) => boolean

/** Compiles globs once. Without any, nothing matches. */
export function globs(patterns: readonly string[]): NameMatch {
  if (patterns.includes('*')) return () => true
  if (patterns.length === 0) return () => false
  return (name) => patterns.some((pattern) => isMatch(pattern, name))
}

/**
 * Not a regular expression, since those backtrack: `*a*a*a*b` took 1.9 s for one name, and a pod's annotation with a few more asterisks
 * would block the agent for good. Here only the last asterisk is ever tried again.
 */
function isMatch(pattern: string, name: string): boolean {
  let at = 0
  let inName = 0
  /** Behind the last asterisk, and what it has taken of the name. */
  let again: number | undefined
  let taken = 0
  while (inName < name.length) {
    const symbol = pattern[at]
    if (symbol === '*') {
      at += 1
      again = at
      taken = inName
    } else if (symbol === '?' || symbol === name[inName]) {
      at += 1
      inName += 1
    } else if (again !== undefined) {
      at = again
      taken += 1
      inName = taken
    } else return false
  }
  while (pattern[at] === '*') at += 1
  return at === pattern.length
}
