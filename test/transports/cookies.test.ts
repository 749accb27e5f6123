import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Cookies } from '../../src/transports/cookies.ts'

const NOW_MS = Date.parse('2026-11-29T00:00:00Z')

function headerOf(...answers: readonly (string | readonly string[] | undefined)[]): string {
  const cookies = new Cookies()
  for (const lines of answers) cookies.take(lines, NOW_MS)
  return cookies.header
}

test('cookies are sent back by name, the last value of each', () => {
  assert.equal(headerOf(undefined), '')
  const first = ['AWSALB=abc=; Expires=Tue, 29 Dec 2026 00:00:00 GMT; Path=/', 'other=1; Secure; HttpOnly']
  assert.equal(headerOf(first), 'AWSALB=abc=; other=1')
  assert.equal(headerOf(first, 'AWSALB=def; Path=/', undefined), 'other=1; AWSALB=def')
})

test('a cookie that is taken back is forgotten', () => {
  for (const attribute of ['Max-Age=0', 'max-age=-1', 'Expires=Thu, 01 Jan 1970 00:00:00 GMT'])
    assert.equal(headerOf(['a=1', 'b=2'], `a=; ${attribute}`), 'b=2')
})

test('whatever a server sets, the header stays short and valid', () => {
  assert.equal(headerOf(['', '=x', 'novalue', 'a=b c', 'a=é', `a=${'x'.repeat(2000)}`, 'a=1\r\nx: y']), '')
  const many = Array.from({ length: 100 }, (_, number) => `c${number}=${'x'.repeat(500)}`)
  const header = headerOf(many)
  assert.ok(header.startsWith('c94=') && header.length < 4096)
})
