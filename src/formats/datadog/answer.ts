import { isObject, parseObject } from '../../lib/json-object.ts'
import type { Outcome, StatusAnswer } from '../../model/sink.ts'
import { readPage, readStatus } from '../http-status.ts'

/** What an answer of Datadog's intake means: 202 for all of the request, or nothing is taken. */
export function readDatadog(answer: StatusAnswer, nowMs: number): Outcome {
  const body = Buffer.from(answer.body.buffer, answer.body.byteOffset, answer.body.length)
  return readPage(answer) ?? readStatus({ ...answer, body: wordsIn(body.toString()) ?? body }, nowMs)
}

/** `{"errors":[{"status":"400","title":"Bad Request","detail":"…"}]}`, or, of its API in general, `{"errors":["Forbidden"]}`. */
function wordsIn(text: string): Buffer | undefined {
  const errors = parseObject(text)?.errors
  const [first]: readonly unknown[] = Array.isArray(errors) ? errors : []
  const words = isObject(first)
    ? [first.title, first.detail].filter((one) => typeof one === 'string').join(': ')
    : first
  return typeof words === 'string' && words !== '' ? Buffer.from(words) : undefined
}
