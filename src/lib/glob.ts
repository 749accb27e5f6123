/** Whether a name matches one of the globs. `*` stands for any characters (slashes too), `?` for one. */
export type NameMatch = (name: string) => boolean

/** Compiles globs once; with none, nothing matches. */
export function globs(patterns: readonly string[]): NameMatch {
  if (patterns.includes('*')) return () => true
  if (patterns.length === 0) return () => false
  return (name) => patterns.some((pattern) => isMatch(pattern, name))
}

/**
 * Not a regular expression, which tries every way to share a name among the asterisks: `*a*a*a*b` took 1.9 s for one name, and a pod's
 * annotation with some more of them would hold the agent's loop for good. Only what the last asterisk takes needs to be tried.
 */
function isMatch(pattern: string, name: string): boolean {
  let [at, inName] = [0, 0]
  let last: { readonly at: number; readonly taken: number } | undefined
  while (inName < name.length) {
    const symbol = pattern[at]
    if (symbol === '*') {
      last = { at, taken: inName }
      at += 1
    } else if (symbol === '?' || symbol === name[inName]) {
      at += 1
      inName += 1
    } else if (last !== undefined) {
      last = { at: last.at, taken: last.taken + 1 }
      at = last.at + 1
      inName = last.taken
    } else return false
  }
  while (pattern[at] === '*') at += 1
  return at === pattern.length
}
