import fc from 'fast-check'

/** Ranges of code points, all but halves of surrogate pairs: each length in UTF-8 is as likely. */
const RANGES = [
  [0, 0x7f],
  [0x80, 0x7ff],
  [0x800, 0xd7ff],
  [0xe000, 0xffff],
  [0x1_0000, 0x10_ffff],
] as const

const character = fc
  .oneof(...RANGES.map(([min, max]) => fc.integer({ min, max })))
  .map((codePoint) => String.fromCodePoint(codePoint), codePointOf)

/**
 * Well-formed text of any characters. fast-check's own, `unit: 'binary'`, makes a table of all code points: 2 s of CPU, and 85 MB that every
 * collection of the process then marks.
 */
export function anyText(constraints: fc.StringSharedConstraints = {}): fc.Arbitrary<string> {
  return fc.string({ ...constraints, unit: character })
}

/** The way back of `String.fromCodePoint`, which lets fast-check put in names that are dangerous to JavaScript, such as `__proto__`. */
function codePointOf(text: unknown): number {
  const codePoint = typeof text === 'string' ? text.codePointAt(0) : undefined
  if (codePoint === undefined || String.fromCodePoint(codePoint) !== text) throw new Error('not one character')
  return codePoint
}
