import { LEVELS, type Level } from '../model/level.ts'

export { LEVELS, type Level }

/** Words that programs use, by what they mean. */
const WORDS: Readonly<Record<Level, readonly string[]>> = {
  trace: ['trace', 'verbose', 'finest', 'finer'],
  debug: ['debug', 'dbg', 'fine'],
  info: ['info', 'information', 'informational', 'notice', 'config'],
  warn: ['warn', 'warning'],
  error: ['error', 'err', 'severe'],
  fatal: ['fatal', 'critical', 'crit', 'alert', 'emerg', 'emergency', 'panic', 'dpanic'],
}

const RANKS = new Map(LEVELS.flatMap((level, rank) => WORDS[level].map((word) => [word, rank] as const)))

/** Words that mean something else in a text as often as not. */
const COMMON_WORDS = new Set(['verbose', 'finest', 'finer', 'fine', 'information', 'informational', 'config'])

/** The same for the kernel. */
export const LEVEL_WORDS = [...RANKS].map(([word, rank]) => ({ word, rank, isCommon: COMMON_WORDS.has(word) }))

/** Members in which JSON loggers put it: zap and zerolog, GCP, pino and bunyan, Python, OpenTelemetry, ECS. */
export const LEVEL_MEMBERS = ['level', 'severity', 'lvl', 'levelname', 'loglevel', 'severity_text', 'log.level']

/** Place in LEVELS; undefined when the object does not say. `valueAt`: of the member of that name, which has that place in LEVEL_MEMBERS. */
export function rankInJson(valueAt: (name: string, place: number) => unknown): number | undefined {
  for (let place = 0; place < LEVEL_MEMBERS.length; place += 1) {
    const value = valueAt(LEVEL_MEMBERS[place] as string, place)
    if (typeof value === 'string') return RANKS.get(value.toLowerCase())
    // pino and bunyan count in tens from 10, trace, to 60, fatal. Syslog and GELF count down from 7: a 3 is an error, not a trace.
    if (typeof value === 'number') return value < 10 ? undefined : Math.min(Math.floor(value / 10), LEVELS.length) - 1
  }
  return undefined
}

const WORD = [...RANKS.keys()]
  .filter((word) => !COMMON_WORDS.has(word))
  .sort((a, b) => b.length - a.length)
  .join('|')
/** `level=warn`, as logfmt has it. */
const LOGFMT = new RegExp(`(?:^|[\\s,])(?:level|lvl|severity)="?(${WORD})\\b`, 'i')
/** klog's letter, month and day, before the time of day. */
const KLOG = /^([IWEF])\d{4} \d\d:\d\d:\d\d/
const KLOG_RANKS: Readonly<Record<string, number>> = { I: 2, W: 3, E: 4, F: 5 }
/** `[WARN]` near the beginning, or the word by itself first or behind a time. In a sentence a word tells nothing. */
const BRACKETED = new RegExp(`^[^\\[]{0,60}\\[\\s*(${WORD})\\s*\\]`, 'i')
const LEADING = new RegExp(`^[\\d\\-/:.,TZ+ ]*(${WORD.toUpperCase()})(?=[\\s:|\\]-])`)

/** Place in LEVELS; undefined when the beginning of the text does not say. */
export function rankInText(head: string): number | undefined {
  const klog = KLOG.exec(head)
  if (klog !== null) return KLOG_RANKS[klog[1] ?? '']
  // Most texts have neither, and to look for one byte is cheap.
  const word =
    LEADING.exec(head) ??
    (head.includes('[') ? BRACKETED.exec(head) : null) ??
    (head.includes('=') ? LOGFMT.exec(head) : null)
  return word === null ? undefined : RANKS.get(word[1]?.toLowerCase() ?? '')
}
