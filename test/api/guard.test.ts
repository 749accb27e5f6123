import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusal } from '../../src/api/guard.ts'

const answered = [
  { host: 'localhost:9181' },
  { host: '127.0.0.1:40001' },
  { host: '[::1]:9181' },
  { host: 'localhost' },
  { host: 'localhost:9181', origin: 'http://localhost:9181' },
  { host: 'localhost:9181', 'sec-fetch-site': 'same-origin' },
  { host: 'localhost:9181', 'sec-fetch-site': 'none' },
]
const refused = [
  {},
  { host: '' },
  { host: 'evil.example' },
  { host: 'evil.example:9181' },
  { host: 'localhost.evil.example:9181' },
  { host: '127.0.0.1.evil.example' },
  { host: 'localhost:9181@evil.example' },
  { host: '10.0.0.7:9181' },
  { host: 'localhost:9181', origin: 'http://evil.example' },
  { host: 'localhost:9181', origin: 'null' },
  { host: 'localhost:9181', origin: 'https://localhost:9181' },
  { host: 'localhost:9181', origin: 'http://localhost:9182' },
  { host: 'localhost:9181', 'sec-fetch-site': 'cross-site' },
  { host: 'localhost:9181', 'sec-fetch-site': 'same-site' },
]

const link = {
  host: 'localhost:9181',
  'sec-fetch-site': 'cross-site',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
}

test('a link on another site opens the page, and nothing else', () => {
  assert.equal(refusal({ headers: link, url: '/' }), undefined)
  assert.equal(refusal({ headers: link, url: '/?labels=app%3Dweb' }), undefined)
  assert.equal(typeof refusal({ headers: link, url: '/api/containers' }), 'string')
  assert.equal(typeof refusal({ headers: link, url: '//evil.example/' }), 'string')
  assert.equal(typeof refusal({ headers: { ...link, 'sec-fetch-dest': 'iframe' }, url: '/' }), 'string')
  assert.equal(typeof refusal({ headers: { ...link, 'sec-fetch-mode': 'no-cors' }, url: '/' }), 'string')
})

for (const headers of answered) {
  test(`answers ${JSON.stringify(headers)}`, () => assert.equal(refusal({ headers }), undefined))
}
for (const headers of refused) {
  test(`refuses ${JSON.stringify(headers)}`, () => assert.equal(typeof refusal({ headers }), 'string'))
}
