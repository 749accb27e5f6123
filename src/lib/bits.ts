/** One bit for each of the names, by its place among all. */
export function bitsOf<T>(all: readonly T[], names: readonly T[]): number {
  return names.reduce((bits, name) => bits | (1 << all.indexOf(name)), 0)
}

/** The names whose bits are set. */
export function namesOf<T>(all: readonly T[], bits: number): T[] {
  return all.filter((_, index) => hasBit(bits, index))
}

export function hasBit(bits: number, index: number): boolean {
  return ((bits >> index) & 1) !== 0
}
