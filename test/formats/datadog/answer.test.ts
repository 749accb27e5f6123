import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readDatadog } from '../../../src/formats/datadog/answer.ts'

function read(status: number, body: string, headers: Record<string, string> = {}) {
  const outcome = readDatadog({ kind: 'status', status, headers, body: Buffer.from(body) }, 0)
  const cause = 'cause' in outcome ? outcome.cause : ''
  return { is: [outcome.kind, cause].filter((part) => part !== '').join(' '), outcome }
}

/** Source: docs.datadoghq.com, api/latest/logs, "Send logs", where no other is named. */
const ANSWERS: readonly (readonly [status: number, body: string, is: string])[] = [
  [202, '{}', 'accepted'],
  // The same API, version 1, and VictoriaLogs before 1.0.
  [200, '{}', 'accepted'],
  [202, '', 'accepted'],
  [400, '{"errors":[{"title":"Bad Request","detail":"Invalid JSON"}]}', 'refused'],
  [401, '{"errors":[{"title":"Unauthorized"}]}', 'retry set-up'],
  [403, '{"errors":[{"title":"Forbidden","detail":"API key is invalid"}]}', 'retry set-up'],
  [408, '{"errors":[{"title":"Request Timeout"}]}', 'retry destination'],
  [413, '{"errors":[{"title":"Payload Too Large"}]}', 'too-large'],
  [429, '{"errors":[{"title":"Too Many Requests"}]}', 'retry destination'],
  [500, '{"errors":[{"title":"Internal Server Error"}]}', 'retry destination'],
  [503, '{"errors":[{"title":"Service Unavailable"}]}', 'retry destination'],
]

for (const [status, body, is] of ANSWERS)
  test(`${status} ${body}: ${is}`, () => {
    assert.equal(read(status, body).is, is)
  })

test('the reason has the words of the server, whatever form they have', () => {
  const reasonOf = (body: string) => {
    const { outcome } = read(400, body)
    return 'reason' in outcome && outcome.reason
  }
  assert.equal(
    reasonOf('{"errors":[{"title":"Bad Request","detail":"Invalid JSON"}]}'),
    'HTTP 400: Bad Request: Invalid JSON',
  )
  assert.equal(reasonOf('{"errors":["Forbidden"]}'), 'HTTP 400: Forbidden')
  for (const body of ['{"errors":[]}', '{"errors":7}', '{"errors":[{}]}', '{"errors":[null]}', 'cannot read', '['])
    assert.equal(reasonOf(body), `HTTP 400: ${body}`)
})

test('a page is no answer of the intake', () => {
  assert.equal(read(200, '<html>', { 'content-type': 'text/html; charset=utf-8' }).is, 'retry set-up')
})
