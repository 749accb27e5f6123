import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explainUsage, parseExplainArguments } from '../../src/ask/explain-options.ts'

test('takes the pod in one word or two', () => {
  for (const argv of [['shop/web-1'], ['-n', 'shop', 'web-1'], ['-n', 'shop', 'shop/web-1']]) {
    const request = parseExplainArguments(argv)
    assert.equal(request.kind, 'options')
    assert.deepEqual(request.options.subject, { kind: 'pod', namespace: 'shop', name: 'web-1' })
    assert.equal(request.options.output, 'text')
  }
})

const faults: readonly (readonly [string, string[], RegExp])[] = [
  ['no pod', [], /^expected POD, TYPE\/NAME such as deployment\/web, or NAMESPACE\/POD; got none$/],
  ['two pods', ['a/b', 'c/d'], /^expected POD.*; got a\/b c\/d$/],
  ['a path', ['a/b/c'], /^"a\/b\/c": expected POD, TYPE\/NAME/],
  ['a name that leads elsewhere', ['shop/..'], /^"shop\/\.\.": expected POD/],
  ['a namespace that leads elsewhere', ['../web-1'], /^"\.\.\/web-1": expected POD/],
  ['two namespaces', ['-n', 'a', 'b/c'], /^"b\/c" is in another namespace than --namespace "a", and b is no type/],
  ['a namespace that is a list', ['-n', 'a,b', 'c'], /^--namespace "a,b": expected the name of one namespace$/],
  ['a name in all namespaces', ['web-1', '--all-namespaces'], /^a pod cannot be named across all namespaces/],
  ['a name beside a selector', ['web-1', '-l', 'app=web'], /^a name cannot be given with a selector$/],
  ['a selector that is none', ['-l', '='], /^--selector "=": /],
  ['one namespace and all', ['-l', 'a', '-n', 'b', '--all-namespaces'], /^--namespace and --all-namespaces cannot/],
  ['no number of lines', ['a/b', '--lines', 'all'], /^--lines "all": expected a number from 1 to 200; got all$/],
  ['too many lines', ['a/b', '--lines', '201'], /^--lines "201": expected a number from 1 to 200; got 201$/],
  ['an unknown form', ['a/b', '-o', 'wide'], /^--output "wide": expected one of text, json, yaml$/],
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
  assert.equal(named.length, 11)
  for (const name of named) {
    const request = parseExplainArguments([`--${name}`])
    assert.ok(request.kind !== 'faulty' || !request.faults.some((fault) => fault.startsWith('unknown')), String(name))
  }
})
