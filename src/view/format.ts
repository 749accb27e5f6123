import type { Entry } from '../entry/entry.ts'
import { createPainter, type Painter } from './color.ts'
import { terminalText } from './terminal-text.ts'
import { parseTime } from './time.ts'

export interface FormatOptions {
  /** `text`: time of day, pod/container, log. `wide`: date and time, namespace/pod/container, node, stream, labels, log. */
  readonly output: 'text' | 'wide'
  readonly color: boolean
  /** Shows UTC instead of this machine's time zone. */
  readonly utc?: boolean
}

/**
 * Creates the function that formats an entry for people: without a newline at the end, and safe for a terminal.
 * `|` precedes the log text of stdout, `!` that of stderr, also on each further line of it.
 */
export function createFormatter(options: FormatOptions): (entry: Entry) => string {
  const paint = createPainter(options)
  const { utc = false } = options
  const head = options.output === 'wide' ? wideHead : textHead
  return (entry) => {
    const mark = entry.stream === 'stderr' ? paint.stderr('!') : '|'
    return `${head(entry, { paint, utc })} ${mark} ${logText(entry.log, mark)}${remarks(entry, paint)}`
  }
}

interface HeadOptions {
  readonly paint: Painter
  readonly utc: boolean
}

function textHead(entry: Entry, { paint, utc }: HeadOptions): string {
  const { pod, container } = entry.kubernetes
  const time = localTime(entry.time, { utc })
  return `${paint.dim(time.clock)} ${paint.pod(pod, terminalText(`${pod}/${container}`))}`
}

function wideHead(entry: Entry, { paint, utc }: HeadOptions): string {
  const { namespace, pod, container, node, labels, metadata } = entry.kubernetes
  const time = localTime(entry.time, { utc })
  const names = paint.pod(pod, terminalText(`${namespace}/${pod}/${container}`))
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`)
  const labelText = pairs.join(',') || (metadata === undefined ? '-' : `(${metadata})`)
  const place = `${node ?? '-'} ${entry.stream ?? '-'}`
  return `${paint.dim(time.date + time.clock)} ${names} ${terminalText(place)} ${paint.dim(terminalText(labelText))}`
}

function localTime(time: string | undefined, { utc }: Pick<HeadOptions, 'utc'>): { date: string; clock: string } {
  const milliseconds = parseTime(time ?? '')
  if (milliseconds === undefined) return { date: '', clock: terminalText(time ?? '-') }
  const date = new Date(milliseconds)
  // Shifted by the zone's offset, so that one ISO format serves both.
  const iso = (utc ? date : new Date(milliseconds - date.getTimezoneOffset() * 60_000)).toISOString()
  const split = iso.indexOf('T')
  return { date: `${iso.slice(0, split)} `, clock: iso.slice(split + 1, utc ? undefined : -1) }
}

/** The text of a log. The lines of a stack trace stay lines, but none can look like an entry of its own. */
function logText(log: string, mark: string): string {
  if (!log.includes('\n')) return terminalText(log)
  return log
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
    .map(terminalText)
    .join(`\n  ${mark} `)
}

function remarks(entry: Entry, paint: Painter): string {
  const words: string[] = []
  if (entry.malformed) words.push('malformed')
  if (entry.partial) words.push('partial')
  if (entry.truncated)
    words.push(entry.originalBytes === undefined ? 'truncated' : `truncated from ${entry.originalBytes} bytes`)
  return words.length === 0 ? '' : ` ${paint.dim(`[${words.join(', ')}]`)}`
}
