/** A secret in a text. */
export interface Finding {
  readonly start: number
  readonly end: number
  /** What is hashed, if not the text itself: the same secret in another spelling. */
  readonly secret?: string
}

/** Finds secrets of one kind. Takes time in proportion to the text, whatever it is: pods write it. */
export type Finder = (text: string) => Finding[]

/** The finding of a pattern's match: its group of that number, which needs the flag `d`. */
export function findingOf(match: RegExpExecArray, group: number): Finding[] {
  const span = match.indices?.[group]
  return span === undefined ? [] : [{ start: span[0], end: span[1] }]
}
