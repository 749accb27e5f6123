import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTailArguments, tailUsage } from '../../src/ask/tail-options.ts'

const defaultAccess = {
  kubeconfig: undefined,
  context: undefined,
  agentNamespace: 'loggy',
  agentSelector: 'app.kubernetes.io/name=loggy',
  port: 9181,
}

test('without arguments asks for everything, as text', () => {
  assert.deepEqual(parseTailArguments([]), {
    kind: 'options',
    options: { target: undefined, query: {}, output: 'text', color: 'auto', utc: false, access: defaultAccess },
  })
})

test('takes every option', () => {
  const filters = [
    '-l',
    'app=web',
    '-l',
    'tier!=cache',
    '-A',
    'team="a, b"',
    '-n',
    'team-*',
    '--min-level',
    'warn',
    '--grep',
    'a b',
  ]
  const access = ['--kubeconfig', 'f', '--context', 'c', '--agent-namespace', 'logs', '--agent-selector', 'app=x']
  const others = ['-o', 'wide', '--color', 'never', '--utc', '--port', '65535']
  assert.deepEqual(parseTailArguments([...filters, ...access, ...others]), {
    kind: 'options',
    options: {
      target: undefined,
      query: {
        labels: 'app=web,tier!=cache',
        annotations: 'team="a, b"',
        namespace: 'team-*',
        minLevel: 'warn',
        grep: 'a b',
      },
      output: 'wide',
      color: 'never',
      utc: true,
      access: { kubeconfig: 'f', context: 'c', agentNamespace: 'logs', agentSelector: 'app=x', port: 65535 },
    },
  })
})

const faults: readonly (readonly [string, string[], RegExp])[] = [
  ['an unknown option', ['--labls', 'x'], /^unknown flag: --labls$/],
  ['a level that is none', ['--min-level', 'loud'], /^--min-level "loud": expected one of trace, debug/],
  ['an unknown letter', ['-q'], /^unknown shorthand flag: 'q' in -q$/],
  ['an option without its value', ['--port'], /^flag needs an argument: --port$/],
  ['a path', ['a/b/c'], /^"a\/b\/c": expected POD, TYPE\/NAME such as deployment\/web, or NAMESPACE\/POD$/],
  ['two names', ['a', 'b'], /^expected at most one POD.*; got a b$/],
  ['a name in all namespaces', ['a', '--all-namespaces'], /^a pod cannot be named across all namespaces$/],
  ['a name beside globs', ['a', '--pod', 'b-*'], /^--pod cannot be used with a name$/],
  [
    'a name in several namespaces',
    ['a', '-n', 'team-*'],
    /^--namespace "team-\*": expected the name of one namespace$/,
  ],
  [
    'one namespace and all',
    ['-n', 'a', '--all-namespaces'],
    /^--namespace and --all-namespaces cannot be used together$/,
  ],
  ['a selector that is none', ['-l', '='], /^--selector "=": /],
  ['an annotation selector that is none', ['-A', 'a in'], /^--annotations "a in": /],
  ['a list of names', ['--pod', 'a,b'], /^--pod "a,b": expected one name or glob$/],
  ['two names', ['-n', 'a', '-n', 'b'], /^--namespace "a,b": expected one name or glob$/],
  ['two texts', ['--grep', 'a', '--grep', 'b'], /^--grep "a\\nb": expected one text, within a line$/],
  ['an unknown form', ['-o', 'xml'], /^--output "xml": expected one of text, wide, json, yaml$/],
  ['a port that is none', ['--port', '65536'], /^--port "65536": expected a number from 1 to 65535$/],
  ['a namespace that is a path', ['--agent-namespace', 'a/b'], /^--agent-namespace "a\/b": expected a name$/],
  ['an agent selector that is none', ['--agent-selector', '='], /^--agent-selector "=": /],
]

for (const [what, argv, told] of faults) {
  test(`refuses ${what}`, () => {
    const request = parseTailArguments(argv)
    assert.equal(request.kind, 'faulty')
    assert.equal(request.faults.length, 1)
    assert.match(request.faults[0] ?? '', told)
  })
}

test('names all faults at once', () => {
  const request = parseTailArguments(faults.slice(3).flatMap(([, argv]) => argv))
  assert.equal(request.kind, 'faulty')
  assert.ok(request.faults.length >= 8, request.faults.join('\n'))
})

test('knows every option that the usage names, and names every one', () => {
  const named = [...tailUsage.matchAll(/^ +(?:-\w, | +)?--([\w-]+)/gm)].map(([, name]) => name)
  assert.equal(named.length, 18)
  for (const name of named) {
    const request = parseTailArguments([`--${name}`])
    assert.ok(request.kind !== 'faulty' || !request.faults.some((fault) => fault.startsWith('unknown')), String(name))
  }
})
