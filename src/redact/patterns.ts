import { linearPattern } from '../lib/linear-pattern.ts'
import { PATTERN_LIMITS } from '../model/redaction.ts'
import type { Finder } from './finding.ts'

/** A rule of the operator's. */
export interface NamedPattern {
  readonly name: string
  readonly pattern: string
}

/** What the pattern matches; where it has a group, only what the first one does. */
export function patternFinder({ name, pattern }: NamedPattern): Finder {
  const compiled = linearPattern(pattern, PATTERN_LIMITS)
  if (compiled === undefined) throw new RangeError(`redact.patterns: ${name} is no pattern`) // the configuration was checked
  const group = Math.min(compiled.groupCount(), 1)
  return (text) => {
    const matcher = compiled.matcher(text)
    const found = []
    while (matcher.find()) {
      const [start, end] = [matcher.start(group), matcher.end(group)]
      if (start >= 0 && end > start) found.push({ start, end })
    }
    return found
  }
}

/** Characters that JSON never writes as an escape, but for `\u00xx`, which the kernel knows. */
const PLAIN = /[\w \-.:;=@#%+*,!?~^$|(){}[\]]/
/** Ends what a pattern's characters stand for themselves. */
const SPECIAL = '.^$*+?()[]{}|\\'
const LEAST_LENGTH = 2
/** The kernel reads so far past an end. */
const MOST_LENGTH = 32

/** The longest text that is in everything that the pattern matches, as far as that is easy to find; undefined if there is none. */
export function requiredLiteral(pattern: string): string | undefined {
  if (/\(\?[a-zA-Z]*i/.test(pattern)) return undefined // either case
  const runs = ['']
  const endRun = () => runs.push('')
  for (let at = 0; at < pattern.length; ) {
    const sign = pattern[at] as string
    if (sign === '|') return undefined
    const end = endOfPart(pattern, at)
    const [least, next] = repetition(pattern, end)
    const literal = end - at === 1 ? sign : (pattern[at + 1] as string)
    const isLiteral = sign === '\\' ? end - at === 2 && /\W/.test(literal) : end - at === 1 && !SPECIAL.includes(sign)
    if (!isLiteral || !PLAIN.test(literal) || least === 0) endRun()
    else {
      runs[runs.length - 1] += literal
      if (next > end) endRun()
    }
    at = next
  }
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '')
  return longest.length < LEAST_LENGTH ? undefined : longest.slice(0, MOST_LENGTH)
}

/** Where the character, escape, class or group ends that begins there. */
function endOfPart(pattern: string, at: number): number {
  const sign = pattern[at]
  if (sign === '\\') {
    if (pattern.startsWith('\\Q', at)) return pattern.length // rare: what is quoted is not read
    const long = /^\\(?:[pP]\{[^}]*\}|x\{[^}]*\}|x..|[0-7]{3})/.exec(pattern.slice(at, at + 64))
    return at + (long?.[0].length ?? 2)
  }
  if (sign === '[') return endOfClass(pattern, at)
  if (sign !== '(') return at + 1
  let depth = 0
  for (let end = at; end < pattern.length; ) {
    if (pattern[end] === '(') depth += 1
    if (pattern[end] === ')') depth -= 1
    if (depth === 0) return end + 1
    end = pattern[end] === '(' || pattern[end] === ')' ? end + 1 : endOfPart(pattern, end)
  }
  return pattern.length
}

function endOfClass(pattern: string, at: number): number {
  let end = at + 1
  if (pattern[end] === '^') end += 1
  if (pattern[end] === ']') end += 1
  while (end < pattern.length && pattern[end] !== ']') {
    if (pattern.startsWith('[:', end)) end = pattern.indexOf(':]', end) + 1
    end += pattern[end] === '\\' ? 2 : 1
  }
  return end + 1
}

/** How often the part that ends there must come, 1 for once or more, and where that is said. */
function repetition(pattern: string, at: number): [least: number, end: number] {
  const [text = ''] = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/.exec(pattern.slice(at, at + 16)) ?? []
  const isOptional = /^[*?]/.test(text) || /^\{0/.test(text)
  return [isOptional ? 0 : 1, at + text.length]
}
