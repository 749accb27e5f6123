import type { Level } from '../../../src/model/level.ts'
import { levelOfJson } from './level-json.ts'
import { levelInPairs, levelOfLayout, levelOfLetter, levelOfPhp } from './level-layouts.ts'
import { days, type LevelWord, levelNames, levelWords } from './level-words.ts'

const ESCAPE = '\u001b'
const SEQUENCE = new RegExp(`${ESCAPE}\\[[\\d:;?]*[A-Za-z]`, 'g')
/** Of a text that begins with a letter, what must stand behind its first word. */
const BEHIND_FIRST = new RegExp(
  `^(?:[\\w.\\-]{16}(?! )|[\\w.\\-]{1,16}(?:[:=,\\t|+[\\\\${ESCAPE}]| [ \\d[\\\\${ESCAPE}]))`,
)

/** Where a word stands, and what was seen before it. */
interface Place {
  readonly text: string
  at: number
  isFirst: boolean
  readonly isIndented: boolean
  hasTime: boolean
  hasBracket: boolean
  hasName: boolean
  hasDay: boolean
}

/** The level that a body says it has: by regular expressions, over the text as Latin-1. */
export function levelOf(body: Uint8Array): Level | undefined {
  const raw = Buffer.from(body).toString('latin1')
  if (raw.startsWith('{')) return levelOfJson(raw)
  if (!mayTell(raw)) return undefined
  const head = raw.slice(0, 512)
  const text = head.slice(0, 64).includes(ESCAPE) ? head.replace(SEQUENCE, '') : head
  return levelOfLayout(text) ?? walk(text)
}

function mayTell(raw: string): boolean {
  if (!/^[A-Za-z]/.test(raw)) return true
  const shouted = /^.[A-Z]/.test(raw) ? /^[\w.-]{1,16}(?= )/.exec(raw)?.[0].toLowerCase() : undefined
  return BEHIND_FIRST.test(raw) || (shouted !== undefined && isKnown(shouted))
}

function isKnown(word: string): boolean {
  return levelWords.has(word) || levelNames.has(word) || days.has(word) || word === 'php'
}

function walk(text: string): Level | undefined {
  const at = text.length - text.replace(/^ +/, '').length
  if (at > 1 && /[A-Za-z]/.test(text[at] ?? '')) return undefined
  const seen = { hasTime: false, hasBracket: false, hasName: false, hasDay: false }
  const place: Place = { text, at, isFirst: true, isIndented: at > 0, ...seen }
  for (let part = 0; part < 16 && place.at < Math.min(text.length, 160); part += 1) {
    const level = takePart(place)
    if (level !== 'go on') return level
    place.isFirst = false
    while (place.at < 160 && /^[ \t|:+,-]/.test(text.slice(place.at))) place.at += 1
  }
  return undefined
}

function takePart(place: Place): Level | undefined | 'go on' {
  const rest = place.text.slice(place.at)
  const time = /^\d(?:[\w+,\-./]|:(?=\d))*/.exec(rest)?.[0]
  if (time === undefined) return /^[A-Za-z]/.test(rest) ? takeWord(place, rest) : takeBracket(place, rest)
  if (time.includes(':') || time.length >= 8) place.hasTime = true
  place.at += time.length
  return 'go on'
}

function takeWord(place: Place, rest: string): Level | undefined | 'go on' {
  const { isFirst, hasTime, hasName } = place
  const word = /^[A-Za-z]+/.exec(rest)?.[0] ?? ''
  const known = word.toLowerCase()
  if ((isFirst || hasTime) && !hasName && /^[\w.-]+=/.test(rest)) {
    const level = levelInPairs(rest)
    if (level !== undefined || isFirst) return level
  }
  if (days.has(known) && /^[A-Z]/.test(word) && !/^\w/.test(rest.slice(word.length))) {
    place.hasDay ||= isFirst
    place.at += word.length
    return 'go on'
  }
  const level =
    known === 'php' ? (hasName ? undefined : levelOfPhp(rest)) : levelOfWord(place, word, rest.slice(word.length))
  if (level !== undefined) return level
  const other = hasTime ? (word.length === 1 ? levelOfLetter(rest) : levelOfChannel(known, rest)) : undefined
  return other ?? takeName(place, rest)
}

function levelOfWord(place: Place, word: string, behind: string): Level | undefined {
  const found = levelWords.get(word.toLowerCase())
  if (found === undefined || !(place.isFirst || place.hasTime || place.hasBracket)) return undefined
  if (word === word.toUpperCase())
    return ofCapitals(place, found, behind, word) ? graver(word, behind, found) : undefined
  if (place.hasName || (place.isFirst && place.isIndented) || found.kind === 'common' || found.kind === 'log')
    return undefined
  const isUsual = found.kind === 'core' || found.kind === 'plain'
  if (behind.startsWith('\t'))
    return place.hasTime && place.text[place.at - 1] === '\t' && isUsual ? found.level : undefined
  if (!/^:[ \t]/.test(behind)) return undefined
  const isDotnet = /^..[\w.-]+\[\d+\]$/.test(behind)
  if (isDotnet && word === 'fail') return 'error'
  if (isDotnet && word === 'crit') return 'fatal'
  const isSetting = place.isFirst && !isDotnet && /^:[ \t]*[^ \t]*[ \t]*$/.test(behind)
  return isUsual && !isSetting ? graver(word, behind, found) : undefined
}

function graver(word: string, behind: string, { level }: LevelWord): Level {
  return word.toLowerCase() === 'panic' && behind.startsWith(':') ? 'fatal' : level
}

function ofCapitals(place: Place, { kind, level }: LevelWord, behind: string, word: string): boolean {
  const { isFirst, hasTime, hasBracket } = place
  if (behind.startsWith('[')) return !['log', 'mysql', 'dotnet'].includes(kind) && /^\[\d+\]/.test(behind)
  if (kind === 'mysql' || kind === 'dotnet' || (kind === 'log' && !(hasTime && hasBracket))) return false
  if (kind === 'short' && isFirst) return false
  if (behind.startsWith(':')) return !(isFirst && /^:[ \t]*(?:\d+(?:,|$)|true$|fals[\w.-]$)/i.test(behind))
  if (/^[ \t|]/.test(behind)) {
    if ((isFirst && kind !== 'core') || (kind === 'common' && !hasTime)) return false
    return !(level === 'trace' && behind[1] === '/')
  }
  return hasTime && (/^[+-]\d /.test(behind) || (word === 'DEBUG' && /^[1-5]:/.test(behind)))
}

function levelOfChannel(known: string, rest: string): Level | undefined {
  const word = isKnown(known) ? undefined : /^[\w.-]*\.([A-Z]+): /.exec(rest)?.[1]
  return usual(word)
}

function usual(word: string | undefined, kinds = ['core', 'plain']): Level | undefined {
  const found = levelWords.get(word?.toLowerCase() ?? '')
  return found !== undefined && kinds.includes(found.kind) ? found.level : undefined
}

function takeName(place: Place, rest: string): undefined | 'go on' {
  const length = nameLength(place, rest)
  if (length === undefined) return undefined
  place.hasName = true
  place.hasBracket ||= place.isFirst && /^[\w.-]+\[\d+\]:/.test(rest)
  place.at += length
  return 'go on'
}

function nameLength({ text, at, isFirst, hasTime, hasDay, hasName }: Place, rest: string): number | undefined {
  const tag = /^[\w.-]+\[\d+\]:/.exec(rest)
  if (tag !== null) return isFirst || hasTime ? tag[0].length : undefined
  const name = /^[\w.-]+/.exec(rest)?.[0] ?? ''
  if (isFirst) {
    if (at > 0) return undefined
    if (/^[a-z][\w.-]*: \[/.test(rest)) return name.length + 2
    const bitnami = /^[\w.-]+ +(?! )(?=..:..:)(.{0,40})/s.exec(rest)
    return bitnami?.[1]?.includes('==> ') ? name.length : undefined
  }
  if (!hasTime) return undefined
  if (rest[name.length] === ' ') {
    if (text.slice(at - 2, at) === '- ' && rest.startsWith('- ', name.length + 1)) return name.length + 1
    if (hasDay && !hasName) {
      if (!/^[A-Za-z]/.test(rest.slice(name.length + 1))) return undefined
      const host = /^[\w.-]+ [\w./-]+(?:\[\d+\]:|:(?= ))/.exec(rest)
      return host?.[0].length
    }
  }
  const odd = /^[\w\-/,.:=@]+(?=[ \t]|$)/.exec(rest)?.[0]
  return odd !== undefined && /[.:=@]\w/.test(odd) ? odd.length : undefined
}

function takeBracket(place: Place, rest: string): Level | undefined | 'go on' {
  const closing = { '[': ']', '(': ')', '{': '}', '<': '>' }[rest[0] ?? '']
  const mayOpen = rest[0] === '[' || place.hasTime || (rest[0] !== '<' && place.hasBracket)
  const end = closing === undefined || !mayOpen ? -1 : rest.slice(0, 100).indexOf(closing)
  if (end < 0) return undefined
  const level = inBracket(place, rest[0] as string, rest.slice(1, end).replace(/^ +| +$/g, ''))
  if (level !== undefined) return level
  if (end >= 9 && /^(?:\d|.{3} .{3} )/s.test(rest.slice(1)) && /\d:/.test(rest.slice(1, end))) place.hasTime = true
  place.hasBracket = true
  place.at += end + 1
  return 'go on'
}

function inBracket({ hasTime }: Place, opening: string, content: string): Level | undefined {
  if (/^[A-Za-z]+$/.test(content) && (opening === '[' || opening === '<')) {
    const { kind, level } = levelWords.get(content.toLowerCase()) ?? { kind: 'log', level: undefined }
    if (kind === 'log' || kind === 'dotnet') return undefined
    if (kind === 'mysql') return hasTime ? level : undefined
    const isMarked = opening === '<' || content === content.toUpperCase()
    return isMarked || kind === 'core' || kind === 'plain' ? level : undefined
  }
  if (opening !== '[') return undefined
  const behindTime = /^\d(?:[+,\-./\d: ]|(?<=\d)[TZ])*(?<=[ :])([A-Z]+)(?=$|[ :/])/.exec(content)
  const last = hasTime ? /^[A-Za-z].*\/([A-Z]+)$|^[a-z][a-z0-9_]*:([a-z][A-Za-z]*)$/s.exec(content) : null
  return usual(behindTime?.[1] ?? last?.[1] ?? last?.[2], ['core', 'plain', 'short'])
}
