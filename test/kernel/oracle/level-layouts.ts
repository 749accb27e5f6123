import type { Level } from '../../../src/model/level.ts'
import { levelNames, levelWords } from './level-words.ts'

const SYSLOG: readonly Level[] = ['fatal', 'error', 'error', 'error', 'warn', 'info', 'info', 'debug']
const LETTERS: Readonly<Record<string, Level>> = {
  T: 'trace',
  D: 'debug',
  I: 'info',
  N: 'info',
  W: 'warn',
  E: 'error',
  F: 'fatal',
  C: 'fatal',
}
const REDIS: Readonly<Record<string, Level>> = { '.': 'debug', '-': 'debug', '*': 'info', '#': 'warn' }
const BY_LETTER = [
  /^([IWEF])(?:\d{4}|\d{6}|\d{8}) \d\d:\d\d:\d\d/,
  /^([DIWEF]), \[\d{4}(?!\d)/,
  /^\[([CDEIW]) [\d-]{6,} \d\d:\d\d:\d\d/,
]
const SINGLE = [
  /^([TDINWEFC])! /,
  /^(D\d|[TDINWEFC]) \| /,
  /^(D\d|[TDINWEFC]) [A-Z]{2,} +\[/,
  /^(D\d|[TDINWEFC]) [^ |][^ ]*\d\](?: |$)/,
]

/** Of layouts of single programs, which the line's first bytes tell. */
export function levelOfLayout(text: string): Level | undefined {
  const priority = Number(/^<(\d{1,3})>/.exec(text)?.[1] ?? 192)
  if (priority < 192) return SYSLOG[priority % 8]
  const sign = /^\d+:[MSCX] [\dA-Za-z :]*\d\d:\d\d:\d\d\.\d* ([.\-*#]) /.exec(text)?.[1]
  return sign === undefined ? byLetter(text, BY_LETTER) : REDIS[sign]
}

/** A letter by itself behind a time. */
export function levelOfLetter(text: string): Level | undefined {
  return byLetter(text, SINGLE)
}

export function letterLevel(letter: string): Level | undefined {
  return LETTERS[letter]
}

export function syslogLevel(number: number): Level | undefined {
  return SYSLOG[number]
}

function byLetter(text: string, patterns: readonly RegExp[]): Level | undefined {
  const letter = patterns.map((pattern) => pattern.exec(text)?.[1]?.[0]).find((found) => found !== undefined)
  return LETTERS[letter ?? '']
}

export function levelOfPhp(text: string): Level | undefined {
  const [, word = '', behind] = /^PHP (\w+)(:| error:)/.exec(text) ?? []
  const { kind, level } = levelWords.get(word.toLowerCase()) ?? {}
  return (kind === 'core' || kind === 'plain') && (behind === ':' || level === 'fatal') ? level : undefined
}

/** Of the pairs that the text begins with. */
export function levelInPairs(text: string): Level | undefined {
  for (let rest = text; ; ) {
    const pair = /^([\w.-]+)=(?:"((?:[^"\\]|\\.)*)"|([^ \t"]*))(?=[ \t]|$)/s.exec(rest)
    const named = /^([\w.-]+)=(?:"((?:[^"\\]|\\.)*)"|([^ \t"]*)(?=[ \t]|$))/s.exec(rest)
    if (named !== null && /^[ls]/.test(named[1] ?? '') && levelNames.has(named[1]?.toLowerCase() ?? ''))
      return levelOfValue(/^(\w+)(?:,|[+-]\d)?$/.exec(named[2] ?? named[3] ?? '')?.[1])
    if (pair === null) return undefined
    rest = rest.slice(pair[0].length).replace(/^[ \t]+/, '')
  }
}

/** As the value of a member or of a pair. */
export function levelOfValue(word: string | undefined): Level | undefined {
  const { kind, level } = levelWords.get(word?.toLowerCase() ?? '') ?? {}
  return kind === 'mysql' || kind === 'dotnet' ? undefined : level
}
