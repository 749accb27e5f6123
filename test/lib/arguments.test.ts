import assert from 'node:assert/strict'
import { test } from 'node:test'
import { oneOf, readArguments, refusePositionals } from '../../src/lib/arguments.ts'

const sizes = ['small', 'large'] as const

function readSize(argv: readonly string[]) {
  return readArguments(argv, {
    flags: { size: { type: 'string', short: 's' }, count: { type: 'string' } },
    read(given) {
      refusePositionals(given)
      const { values, parsed } = given
      const size = parsed('size', values.size, (text) => oneOf(sizes, text))
      const count = parsed('count', values.count, (text) => {
        if (!/^\d+$/.test(text)) throw new Error('expected a number')
        return Number(text)
      })
      return { size, count }
    },
  })
}

test('options are read, and those that are not given are undefined', () => {
  assert.deepEqual(readSize(['-s', 'large']), { kind: 'options', options: { size: 'large', count: undefined } })
})

test('every fault is named, not only the first', () => {
  assert.deepEqual(readSize(['--size', 'huge', '--count', 'many', 'more']), {
    kind: 'faulty',
    faults: [
      'expected options only, got more',
      '--size "huge": expected one of small, large',
      '--count "many": expected a number',
    ],
  })
})

test('an unknown option is named in one line', () => {
  assert.deepEqual(readSize(['--colour']), { kind: 'faulty', faults: ['unknown flag: --colour'] })
})

for (const help of ['--help', '-h']) {
  test(`${help} asks how, whatever else is given`, () => {
    assert.deepEqual(readSize(['--size', 'huge', help]), { kind: 'help' })
  })
}
