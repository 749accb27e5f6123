import type { Finding } from './finding.ts'
import { isMark } from './known-tokens.ts'

// Secrets that are known by the name in front of them: `password=…`, `"token":"…"`, `Authorization: …`.

const NAMES =
  'pass(?:word|wd)|secret(?:[_-]?(?:access[_-]?)?key)?|(?:api|access|account|private)[_-]?key|token|pwd|sig|authorization'
/** Characters of `sig=x`. */
const LEAST_LENGTH = 5
/** A name, and what stands between it and its value. */
const NAMED = new RegExp(`(${NAMES})(["'\\\\]{0,6}\\s{0,3}(?:=>|[=:])\\s{0,3}| )`, 'gi')
const IS_NAME = new RegExp(`(?:${NAMES})$`, 'i')
/** What a name may have in front. */
const FRONT = /[\w.-]*$/
const FRONT_LENGTH = 48
/** Names that end as a secret's and are none: places in lists, names of Kubernetes' Secrets. */
const NO_SECRETS =
  /(?:next|page|continue|continuation|cancellation|sync|cursor|resume|max|unexpected)[_-]?(?:page[_-]?)?token$|(?:imagepull|tls|ca)[_-]?secret$/i
/** Values that say that there is none, or where it is to be found. */
const NO_VALUE =
  /^(?:true|false|null|none|nil|undefined|yes|no|empty|unset|redacted|hidden|masked|filtered|\*+|x{3,}|<[^>]*>|\$\{?[\w.:-]+\}?|%[sdvq]|\.{3})$/i
/** Of a Secret in Kubernetes. */
const NAME_IN_NAMESPACE = /^[a-z0-9][a-z0-9.-]*\/[a-z0-9][a-z0-9.-]*$/
const SCHEME =
  /(?:(Basic|Bearer|Token|Negotiate|NTLM|ApiKey|GenieKey)|(Digest|AWS4-HMAC-SHA256|Signature|Hawk|OAuth))[ \t]{1,3}/iy
const OF_HEADER = /[^\s"'\\,;\])}]+/y
const UNQUOTED = /(?:[^\s"'`,;)}\]<>|\\]|\\(?![nrt"'\\]))+/y
const UNQUOTED_IN_QUERY = /[^\s"'`,;)}\]<>|\\&#]+/y
const QUOTE = /(\\*)(["'`])/y
/** Characters of a value in quotes. */
const VALUE_LENGTH = 8192

/** Whether a member of that name is a secret. */
export function isSecretName(name: string): boolean {
  return IS_NAME.test(name) && !/^pwd$|sig$/i.test(name) && !NO_SECRETS.test(name)
}

/** Whether the value of such a member is one. */
export function isSecretValue(name: string, value: string): boolean {
  if (value === '' || NO_VALUE.test(value) || isMark(value)) return false
  return !(/^secret$/i.test(name) && NAME_IN_NAMESPACE.test(value))
}

export function findNamedSecrets(text: string): Finding[] {
  const found: Finding[] = []
  if (text.length < LEAST_LENGTH) return found
  NAMED.lastIndex = 0
  for (let match = NAMED.exec(text); match !== null; match = NAMED.exec(text)) {
    const [, name = '', between = ''] = match
    const front = FRONT.exec(text.slice(Math.max(0, match.index - FRONT_LENGTH), match.index))?.[0] ?? ''
    const place = {
      text,
      at: NAMED.lastIndex,
      name,
      front,
      between,
      before: text[match.index - front.length - 1] ?? '',
    }
    const value = isNamed(place) ? secretAt(place) : undefined
    if (value === undefined) continue
    found.push(value)
    NAMED.lastIndex = value.end
  }
  return found
}

/** A value, and what stands in front of it. */
interface Place {
  readonly text: string
  readonly at: number
  readonly name: string
  /** The name's own beginning: `db_` of `db_password`. */
  readonly front: string
  readonly between: string
  /** The character in front of all that. */
  readonly before: string
}

function isNamed({ name, front, between, before }: Place): boolean {
  if (NO_SECRETS.test(front + name)) return false
  // `--password hunter2`
  if (between === ' ') return front.startsWith('--') && !/^(?:pwd|sig|authorization)$/i.test(name)
  if (/^sig$/i.test(name)) return front === '' && /[?&;]/.test(before)
  return !/^pwd$/i.test(name) || (between === '=' && (front === '' || /[._-]$/.test(front)))
}

function secretAt(place: Place): Finding | undefined {
  const { text, at, name, between } = place
  if (/^authorization$/i.test(name)) return headerValue(text, at)
  QUOTE.lastIndex = at
  const quote = QUOTE.exec(text)
  const value = quote === null ? unquoted(place) : quoted(text, quote)
  if (value === undefined) return undefined
  const said = text.slice(value.start, value.end)
  if (!isSecretValue(name, said) || (/^pwd$/i.test(name) && said.startsWith('/'))) return undefined
  if (/token$/i.test(name) && /^\d{1,6}$/.test(said)) return undefined
  return quote === null && between.includes(':') && !mayStandAlone(place, value) ? undefined : value
}

/** `password: hunter2` is a secret at the end of its line, or before a sign; in a sentence it is a word. */
function mayStandAlone({ text, name }: Place, { start, end }: Finding): boolean {
  if (!/^[ \t]*(?:[\r\n,;)}\]&]|\\[nr]|$)/.test(text.slice(end, end + 16))) return false
  const said = text.slice(start, end)
  return !/^(?:token|secret)$/i.test(name) || (said.length >= 8 && /\d/.test(said))
}

function unquoted({ text, at, before }: Place): Finding | undefined {
  const pattern = /[?&]/.test(before) ? UNQUOTED_IN_QUERY : UNQUOTED
  pattern.lastIndex = at
  return pattern.test(text) ? { start: at, end: pattern.lastIndex } : undefined
}

/** Up to the quote that has as many backslashes as the first one; to the end of the line if there is none. */
function quoted(text: string, { 0: opening, 1: slashes = '', 2: sign = '', index }: RegExpExecArray): Finding {
  const start = index + opening.length
  const most = Math.min(text.length, start + VALUE_LENGTH)
  for (let at = text.indexOf(sign, start); at >= 0 && at < most; at = text.indexOf(sign, at + 1)) {
    let first = at
    while (first > start && text[first - 1] === '\\') first -= 1
    const before = at - first
    if (slashes.length > 0 ? before <= slashes.length : before % 2 === 0)
      return { start, end: slashes.length > 0 ? first : at }
  }
  const newline = text.indexOf('\n', start)
  return { start, end: newline < 0 ? text.length : newline }
}

/** What follows the scheme. Without a scheme it must look like a secret. */
function headerValue(text: string, at: number): Finding | undefined {
  const start = at + (/^[[{("'\\]*/.exec(text.slice(at, at + 8))?.[0].length ?? 0)
  SCHEME.lastIndex = start
  const scheme = SCHEME.exec(text)
  if (scheme?.[2] !== undefined) {
    const newline = text.indexOf('\n', start)
    return { start: SCHEME.lastIndex, end: newline < 0 ? text.length : newline }
  }
  OF_HEADER.lastIndex = scheme === null ? start : SCHEME.lastIndex
  const value = OF_HEADER.exec(text)
  if (value === null || isMark(value[0])) return undefined
  if (scheme === null && (value[0].length < 8 || !/\d/.test(value[0]))) return undefined
  return { start: value.index, end: value.index + value[0].length }
}
