import assert from 'node:assert/strict'
import { test } from 'node:test'
import { filterFrom, queryOf, withRequirement } from '../../src/page/filter.ts'
import { parseSelector } from '../../src/select/selector.ts'

test('a filter survives the way through an address', () => {
  const filter = { labels: 'app in (a,b)', annotations: 'note="a & b"', minLevel: 'warn', grep: ' two  spaces=? ' }
  assert.deepEqual(filterFrom(queryOf(filter)), filter)
  assert.equal(queryOf({}), '')
})

test('what is empty or unknown is left out; spaces count in a text alone', () => {
  assert.deepEqual(filterFrom('?labels=%20&pod=+web-1+&grep=+&other=1&namespace='), { pod: 'web-1', grep: ' ' })
})

test('a value that is asked for is found by the selector, whatever it holds', () => {
  for (const value of ['payments', '', 'a, b', '(x)', 'say "hi"', 'back\\slash', 'two\nlines', 'a=b', 'http://x/y?z']) {
    const selector = parseSelector(withRequirement('team=a', { key: 'loggy.io/x', value }), { values: 'annotation' })
    assert.ok(selector.matches({ team: 'a', 'loggy.io/x': value }), value)
    assert.ok(!selector.matches({ team: 'a', 'loggy.io/x': `${value}?` }), value)
    assert.ok(!selector.matches({ 'loggy.io/x': value }), value)
  }
})

test('a value is asked for once', () => {
  assert.equal(withRequirement(undefined, { key: 'app', value: 'web' }), 'app=web')
  assert.equal(withRequirement('app=web', { key: 'app', value: 'web' }), 'app=web')
  assert.equal(withRequirement('tier=front', { key: 'app', value: 'web' }), 'tier=front,app=web')
})
