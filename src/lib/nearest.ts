/** The candidate with the smallest edit distance, if the name is close enough to be a typo of it. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined
  let fewest = Number.POSITIVE_INFINITY
  for (const candidate of candidates) {
    // Shared sections are no sign of a typo: `sink.auth` is not one of `sink.path`.
    const shared = sharedSections(name, candidate)
    const meant = candidate.slice(shared)
    const written = name.slice(shared)
    const limit = Math.max(1, meant.length / 3)
    // The difference in length rules out most candidates, and all that would take long to compare.
    if (Math.abs(meant.length - written.length) > limit) continue
    const edits = countEdits(written.toLowerCase(), meant.toLowerCase())
    if (edits > limit || edits >= fewest) continue
    best = candidate
    fewest = edits
  }
  return best
}

/** Length of the longest common prefix that ends in a separator. */
function sharedSections(one: string, other: string): number {
  let shared = 0
  for (let index = 0; index < other.length && one[index] === other[index]; index++) {
    if (other[index] === '.' || other[index] === '_') shared = index + 1
  }
  return shared
}

/** Levenshtein distance, one row at a time. */
function countEdits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let line = 1; line <= from.length; line++) {
    const next = [line]
    for (let column = 1; column <= to.length; column++) {
      const replaced = at(row, column - 1) + (from[line - 1] === to[column - 1] ? 0 : 1)
      next.push(Math.min(replaced, at(row, column) + 1, at(next, column - 1) + 1))
    }
    row = next
  }
  return at(row, to.length)
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY
}
