import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { loadPage } from '../../src/api/page.ts'

const { body, contentSecurityPolicy } = loadPage()
const page = body.toString()

test('the policy allows the one script and the one style of the page, by digest, and nothing else', () => {
  for (const tag of ['script', 'style']) {
    const blocks = [...page.matchAll(new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`, 'g'))]
    assert.equal(blocks.length, 1, tag)
    const digest = createHash('sha256')
      .update(blocks[0]?.[1] ?? '')
      .digest('base64')
    assert.ok(contentSecurityPolicy.includes(`${tag}-src 'sha256-${digest}';`), tag)
  }
  assert.match(contentSecurityPolicy, /^default-src 'none'; /)
  assert.doesNotMatch(contentSecurityPolicy, /unsafe|\*|https?:/)
})

test('the page needs nothing from elsewhere, and has no markup that the policy would forbid', () => {
  const [markup = ''] = page.split('<script>')
  const [head = '', ...rest] = markup.split(/<style>[\s\S]*<\/style>/)
  const written = head + rest.join('')
  assert.doesNotMatch(written, /\s(style|on\w+)=/)
  assert.deepEqual(
    Array.from(written.matchAll(/(?:src|href)="([^"]{5})/g), ([, target]) => target),
    ['data:'],
  )
  assert.doesNotMatch(page, /url\(|@import|sourceMappingURL/)
})

test('the page is small', () => {
  assert.ok(body.length < 100_000, `${body.length} bytes`)
})
