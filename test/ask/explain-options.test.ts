import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explainUsage, parseExplainArguments } from '../../src/ask/explain-options.ts'

test('takes the pod in one word or two', () => {
  for (const argv of [['shop/web-1'], ['-n', 'shop', 'web-1'], ['-n', 'shop', 'shop/web-1']]) {
    const request = parseExplainArguments(argv)
    assert.equal(request.kind, 'options')
    assert.deepEqual(request.options.pod, { namespace: 'shop', name: 'web-1' })
    assert.equal(request.options.output, 'text')
  }
})

const faults: readonly (readonly [string, string[], RegExp])[] = [
  ['no pod', [], /^expected one NAMESPACE\/POD, got none$/],
  ['two pods', ['a/b', 'c/d'], /^expected one NAMESPACE\/POD, got a\/b c\/d$/],
  ['a pod without a namespace', ['web-1'], /^"web-1": expected NAMESPACE\/POD, or -n NAMESPACE POD$/],
  ['a path', ['a/b/c'], /^"a\/b\/c": expected NAMESPACE\/POD/],
  ['a name that leads elsewhere', ['shop/..'], /^"shop\/\.\.": expected NAMESPACE\/POD/],
  ['two namespaces', ['-n', 'a', 'b/c'], /^"b\/c" is in another namespace than --namespace "a"$/],
  ['an unknown form', ['a/b', '-o', 'wide'], /^--output "wide": expected one of text, json$/],
]

for (const [what, argv, told] of faults) {
  test(`refuses ${what}`, () => {
    const request = parseExplainArguments(argv)
    assert.equal(request.kind, 'faulty')
    assert.deepEqual([request.faults.length, told.test(request.faults[0] ?? '')], [1, true], request.faults.join('\n'))
  })
}

test('knows every option that the usage names', () => {
  const named = [...explainUsage.matchAll(/^ +(?:-\w, | +)?--([\w-]+)/gm)].map(([, name]) => name)
  assert.equal(named.length, 8)
  for (const name of named) {
    const request = parseExplainArguments([`--${name}`])
    assert.ok(request.kind !== 'faulty' || !request.faults.some((fault) => fault.startsWith('Unknown')), String(name))
  }
})
