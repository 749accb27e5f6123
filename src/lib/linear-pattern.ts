import { RE2JS } from 're2js'

/** What a pattern may be: its characters, and the steps of its program, which are what a character of a text costs at the most. */
export interface PatternLimits {
  readonly length: number
  readonly steps: number
}

/** A pattern of other people, which takes time in proportion to the text, whatever it is (RE2). Undefined if it is none, or too long. */
export function linearPattern(pattern: string, { length, steps }: PatternLimits): RE2JS | undefined {
  if (pattern === '' || pattern.length > length) return undefined
  try {
    const compiled = RE2JS.compile(pattern)
    return compiled.programSize() > steps ? undefined : compiled
  } catch {
    return undefined // no pattern; the caller reports it
  }
}
