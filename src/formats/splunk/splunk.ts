import { type Format, type Group, unlimited } from '../../model/sink.ts'
import { urlWithPath } from '../url-with-path.ts'
import { ANSWER_BYTES, HecAnswers } from './answer.ts'
import { compileSplunk, EVENT_START, type EventOptions, recordOf } from './program.ts'

const EVENT_PATH = '/services/collector/event'
const NEWLINE = 10
/**
 * Splunk refuses an event that is empty or white (code 13), and does not read what comes behind it. Source: github.com/moby/moby/issues/35862. To
 * search them takes half a millisecond for 1 MiB, as does any search for a line's beginning.
 */
const BLANK = /\n\{"event":("(?: |\\[tnrf]|\\u000[9a-dA-D])*"),/g

/** Splunk's HTTP Event Collector. Source: https://docs.splunk.com/Documentation/Splunk/latest/Data/FormateventsforHTTPEventCollector */
export function createSplunk(url: string, options: EventOptions): Format {
  const answers = new HecAnswers(ackUrl(url))
  return {
    compile: compileSplunk(options),
    contentType: 'application/json',
    // Servers take 800 MB, and a batch has 1 MiB.
    limits: unlimited,
    answerBytes: ANSWER_BYTES,
    frame,
    read: (answer, { entryCount }, nowMs) => answers.read(answer, entryCount, nowMs),
    record: recordOf,
  }
}

/** The URL with the path for events, if it has none. */
export function eventUrl(url: string): string {
  return urlWithPath(url, EVENT_PATH).href
}

/** Where a server is asked whether a request is indexed: beside the path for events. */
export function ackUrl(url: string): string {
  const whole = urlWithPath(url, EVENT_PATH)
  whole.pathname = whole.pathname.replace(/(?:\/event)?(?:\/1\.0)?\/*$/, '/ack')
  return whole.href
}

/** Events one after the other. */
function frame(groups: readonly Group[]): Uint8Array[] {
  const [first, ...others] = groups.flatMap(({ pieces }) => pieces).flatMap(withoutBlank)
  if (first === undefined) return []
  return [first[0] === NEWLINE ? first.subarray(1) : first, ...others]
}

/** A blank line is an object. */
function withoutBlank(piece: Uint8Array): Uint8Array[] {
  const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.length)
  const parts: Uint8Array[] = []
  let from = 0
  for (const { index, 0: start, 1: line } of bytes.toString('latin1').matchAll(BLANK)) {
    parts.push(bytes.subarray(from, index), Buffer.from(`${EVENT_START}{"log":${line}},`))
    from = index + start.length
  }
  return [...parts, bytes.subarray(from)].filter(({ length }) => length > 0)
}
