import { LEVELS, type Level } from '../model/level.ts'

/** In which texts a word means a level; see kernel/assembly/level-words.ts. Of all others that are listed: in each. */
const CORE = 8
const COMMON = 16
const SHORT = 32
const ODD = 64
const DAY = 128
/** Names of what tells it. */
const NAME = 7

/**
 * Words that programs use, by what they mean. OpenTelemetry's data model (appendix B) decides where it names a word: java.util.logging's `fine`, `finer` and
 * `config` are debug, syslog's `crit` and `alert` and zap's `dpanic` and `panic` are errors.
 */
const WORDS: Readonly<Record<Level, readonly (readonly [flags: number, words: string])[]>> = {
  trace: [
    [CORE, 'trace'],
    [COMMON, 'finest'],
    [SHORT, 'trc vrb trac'],
    [0, 'trce'],
  ],
  debug: [
    [CORE, 'debug'],
    [COMMON, 'verbose fine finer config'],
    [SHORT, 'dbg debu'],
    [0, 'dbug'],
  ],
  info: [
    [CORE, 'info'],
    [0, 'notice'],
    [COMMON, 'information informational'],
    [SHORT, 'inf'],
    [ODD | COMMON, 'log'],
    [ODD | SHORT, 'note system'],
  ],
  warn: [
    [CORE, 'warn warning'],
    [SHORT, 'wrn'],
  ],
  error: [
    [CORE, 'error severe'],
    [0, 'err crit alert panic dpanic'],
    [SHORT, 'erro eror'],
    [ODD, 'fail'],
  ],
  fatal: [
    [CORE, 'fatal critical'],
    [0, 'emerg emergency'],
    [SHORT, 'ftl fata pnc pani'],
  ],
}

/** Members in which JSON loggers put it: zap and zerolog, GCP, pino and bunyan, Python, OpenTelemetry, ECS, Serilog. */
const MEMBERS = [
  ...['level', 'severity', 'lvl', 'levelname', 'loglevel', 'log_level', 'log.level'],
  ...['severity_text', 'severitytext', '@l'],
]

/** What may stand in a time: months, days, halves of the day and zones. */
const DAYS =
  'jan feb mar apr may jun jul aug sep oct nov dec mon tue wed thu fri sat sun am pm utc gmt cet cest est edt cst cdt pst pdt msk jst ist bst'

/** For the kernel: each word, and what it means. */
export const LEVEL_MEANINGS: ReadonlyMap<string, number> = new Map([
  ...LEVELS.flatMap((level, rank) =>
    WORDS[level].flatMap(([flags, words]) => words.split(' ').map((word) => [word, flags | (rank + 1)] as const)),
  ),
  ...MEMBERS.map((name) => [name, NAME] as const),
  ['php', DAY | ODD] as const,
  ...DAYS.split(' ').map((day) => [day, DAY] as const),
])
