import { isUtf8 } from 'node:buffer'
import type { Level } from '../../../src/model/level.ts'
import { letterLevel, levelOfValue, syslogLevel } from './level-layouts.ts'
import { levelNames } from './level-words.ts'

const JAVA: Readonly<Record<string, Level>> = {
  300: 'trace',
  400: 'debug',
  500: 'debug',
  700: 'debug',
  800: 'info',
  900: 'warn',
  1000: 'error',
}
const TENS: readonly Level[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']

/** Of the first member that tells it, each tried with the parser, up to wherever one ends. `raw`: as Latin-1. */
export function levelOfJson(raw: string): Level | undefined {
  let isGelf = false
  let start = 1
  for (const { index, 0: sign } of raw.matchAll(/[,}]/g)) {
    if (index < start) continue
    const member = memberOf(raw.slice(start, index))
    if (member === undefined) continue
    const { name, value } = member
    if (name === 'short_message') isGelf = true
    if (name === 's' && raw.startsWith('{"t":{"$date":')) return levelOfMongo(value)
    if (levelNames.has(name.toLowerCase()) && /^["\d]/.test(value)) return levelOfMember(name, value, isGelf)
    if (sign === '}') return undefined
    start = index + 1
  }
  return undefined
}

/** One whole member, in strict JSON; its name and value as they are written. */
function memberOf(raw: string): { readonly name: string; readonly value: string } | undefined {
  const bytes = Buffer.from(`{${raw}}`, 'latin1')
  if (!isUtf8(bytes) || !isStrict(bytes.toString())) return undefined
  const [, name, value] = /^[ \t\r\n]*"((?:[^"\\]|\\.)*)"[ \t\r\n]*:[ \t\r\n]*(.*?)[ \t\r\n]*$/s.exec(raw) ?? []
  return name === undefined || value === undefined ? undefined : { name, value }
}

function isStrict(json: string): boolean {
  try {
    JSON.parse(json, (name, value) => {
      if (!name.isWellFormed() || (typeof value === 'string' && !value.isWellFormed())) throw new SyntaxError(name)
      return value
    })
    return true
  } catch {
    return false // no JSON
  }
}

function levelOfMember(name: string, value: string, isGelf: boolean): Level | undefined {
  const content = value.replace(/^"|"$/g, '')
  if (!/^\d/.test(content)) {
    return name === '@l' && content.toLowerCase() === 'verbose' ? 'trace' : levelOfValue(content)
  }
  if (!/^\d{1,4}$/.test(content)) return undefined
  const number = Number(content)
  if (number < 10) return isGelf && /^[0-7]$/.test(content) ? syslogLevel(number) : undefined
  return number < 70 ? TENS[Math.floor(number / 10) - 1] : JAVA[String(number)]
}

function levelOfMongo(value: string): Level | undefined {
  const letter = /^"(D\d|[TDINWEFC])"$/.exec(value)?.[1]
  return letterLevel(letter?.[0] ?? '')
}
