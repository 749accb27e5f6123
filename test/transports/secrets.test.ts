import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hideSecrets } from '../../src/transports/secrets.ts'

const basic = `Basic ${Buffer.from('me:hunter2').toString('base64')}`
const url = new URL('http://a.example/logs?key=hunter%203&team=shop')
const headers = { authorization: 'Splunk c0ffee-c0ffee', 'proxy-authorization': basic, 'x-api-key': 'true', host: 'a' }

function shown(body: string, status: number): string {
  return hideSecrets({ status, body: Buffer.from(body) }, { url, headers }).toString()
}

const CASES: readonly (readonly [name: string, status: number, body: string, expected: string])[] = [
  ['a refusal repeats the headers', 401, `${headers.authorization}, ${basic}, a`, 'Splunk ***, Basic ***, a'],
  ['a refusal repeats a password, and the query', 403, 'hunter2 ?key=hunter%203&team=shop', '*** ?key=***&team=shop'],
  ['a refusal is cut off in a secret', 500, 'é you sent c0ffee-c0ff', 'é you sent ***'],
  [
    'an answer that is read repeats the headers',
    200,
    '{"authorization":"Splunk c0ffee-c0ffee"}',
    '{"authorization":"Splunk ***"}',
  ],
  ['an answer that is read has words that look like a short secret', 200, '{"errors":true}', '{"errors":true}'],
  ['nothing secret is there', 400, 'é no such index', 'é no such index'],
]

for (const [name, status, body, expected] of CASES)
  test(`what people are shown where ${name}`, () => assert.equal(shown(body, status), expected))
