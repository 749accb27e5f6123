import { globs } from '../../lib/glob.ts'
import { type Format, type Group, type Sent, type StatusAnswer, unlimited } from '../../model/sink.ts'
import { urlWithPath } from '../url-with-path.ts'
import { readPush } from './answer.ts'
import { compileLoki, streamPart } from './program.ts'
import { ProvenStreams } from './proven-streams.ts'
import { recordOf } from './record.ts'

/** What entries have of their pods besides names; see sinks.ts. */
export interface LokiOptions {
  readonly labels: readonly string[]
  readonly annotations: readonly string[]
}

/** Bytes. A 400 has some 250 for each second of a stream that is too old. What is longer is asked for in halves. */
const ANSWER_BYTES = 1 << 20
/**
 * Bytes of a stream in one batch from which on it gets a request of its own: a stream that may be over its rate limit, 3 MB/s by default, or catches up,
 * has so many in each. A batch of 1 MiB has eight of them at most.
 */
const APART_BYTES = 128 << 10

/** Loki's push API, in JSON. Source: https://grafana.com/docs/loki/latest/reference/loki-http-api/#ingest-logs */
export function createLoki({ labels, annotations }: LokiOptions): Format {
  const proven = new ProvenStreams()
  return {
    compile: compileLoki({ isLabel: globs(labels), isAnnotation: globs(annotations) }),
    contentType: 'application/json',
    // Loki's distributors hand requests on by gRPC, which takes 4 MiB by default.
    limits: { ...unlimited, requestBytes: 4 << 20 },
    answerBytes: ANSWER_BYTES,
    frame,
    isApart: (head, byteCount, nowMs) => byteCount >= APART_BYTES || !proven.has(streamPart(head), nowMs),
    read(answer: StatusAnswer, sent: Sent, nowMs: number) {
      const outcome = readPush(answer, nowMs, sent)
      if (outcome.kind === 'accepted') for (const { head } of sent.groups()) proven.add(streamPart(head), nowMs)
      return outcome
    },
    record: recordOf,
  }
}

/** The URL with the path of the push API, if it has none. */
export function pushUrl(url: string): string {
  return urlWithPath(url, '/loki/api/v1/push').href
}

/** Each stream once: its labels, and its entries without the first one's comma. */
function frame(groups: readonly Group[]): Uint8Array[] {
  const streams = [...Map.groupBy(groups, ({ head }) => streamPart(head).toString())]
  const parts = streams.flatMap(([stream, ofStream], index) => {
    const [first, ...others] = ofStream.flatMap(({ pieces }) => pieces)
    return [Buffer.from((index > 0 ? ',' : '') + stream), ...(first ? [first.subarray(1)] : []), ...others, CLOSED]
  })
  return [OPEN, ...parts, CLOSED]
}

const OPEN = Buffer.from('{"streams":[')
const CLOSED = Buffer.from(']}')
