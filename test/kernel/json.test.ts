import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { areJsonLines, isJsonLine } from './judged.ts'

const names = ['level', 'severity', 'severity_text', 'sixteen_letters_']

/** What JSON.parse says. */
function isObject(body: string): boolean {
  if (!body.startsWith('{')) return false
  try {
    JSON.parse(body)
    return true
  } catch {
    return false
  }
}

interface Edit {
  /** From 0 to 1: a share of the text. */
  readonly at: number
  readonly cut: number
  readonly put: string
}

function edited(text: string, edits: readonly Edit[]): string {
  return edits.reduce((body, { at, cut, put }) => {
    const place = Math.floor(at * body.length)
    return body.slice(0, place) + put + body.slice(place + cut)
  }, text)
}

describe('a JSON object', () => {
  const key = fc.oneof(fc.constantFrom(...names, '', 'sixteen_letters_x', 'leve'), fc.string())
  const value = fc.jsonValue({ maxDepth: 3 })
  const object = fc.dictionary(key, value, { maxKeys: 6 })

  test('is recognised', () => {
    fc.assert(
      fc.property(fc.array(object, { minLength: 10, maxLength: 10 }), (objects) => {
        const bodies = objects.map((json) => JSON.stringify(json))
        assert.deepEqual(areJsonLines(bodies), Array(10).fill(true), bodies.join('\n'))
      }),
      { numRuns: 200 },
    )
  })

  test('is told from any text that is nearly one as JSON.parse does it', () => {
    const token = fc.constantFrom(
      ...['{', '}', '[', ']', ',', ':', '"', '\\', '"level"', '"a":', 'true', 'false', 'null', '0', '1', '-', '.', 'e'],
      ...['E+', '9', '\\u00', '\\"', '\\n', ' ', '\t', '\r', '\u0001', 'é', '\u2028', 'x', 'tru', '{}', '[]'],
    )
    const edit = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), cut: fc.nat(3), put: token })
    // To make an object costs more than to edit it, so each is edited in twenty ways.
    const edits = fc.array(fc.array(edit, { minLength: 1, maxLength: 3 }), { minLength: 20, maxLength: 20 })
    let objects = 0
    fc.assert(
      fc.property(object, fc.nat(2), edits, (json, indent, ways) => {
        // A newline ends the line.
        const whole = JSON.stringify(json, undefined, indent).replaceAll('\n', '\t')
        const bodies = ways.map((way) => edited(whole, way)).filter((body) => body.isWellFormed())
        const expected = bodies.map(isObject)
        assert.deepEqual(areJsonLines(bodies), expected, bodies.join('\n'))
        objects += expected.filter(Boolean).length
      }),
      { numRuns: 1000 },
    )
    assert.ok(objects > 200, `${objects} objects`)
  })

  for (const number of [
    '0',
    '-0',
    '10',
    '1.5',
    '1e5',
    '1E+05',
    '-1.0e-9',
    '01',
    '-',
    '1.',
    '.5',
    '+1',
    '1e',
    '0x1',
    '1e+',
  ]) {
    test(`with ${number} is one, or not, as for JSON.parse`, () => {
      const body = `{"level":${number}}`
      assert.equal(isJsonLine(body), isObject(body))
    })
  }

  for (const [body, isOne] of [
    ['{"a":"\\ud83d\\ude00"}', true],
    ['{"a":"\\\\ud83d"}', true],
    ['{"a":"x\\ud83dy"}', false],
    ['{"a":"\\ude00"}', false],
    ['{"a":[{"b":"\\uD83D\\ud83d\\ude00"}]}', false],
    ['{"\\ud83d":1}', false],
    ['{"a":"\\ud83d","b":"\\ude00"}', false],
  ] as const) {
    test(`${isOne ? 'may be' : 'is not, for its half of a surrogate pair,'} ${body}`, () => {
      assert.equal(isJsonLine(body), isOne)
    })
  }

  test('is valid UTF-8, and not nested more than 200 deep', () => {
    assert.equal(isJsonLine(Buffer.from('{"a":"\xe9"}', 'latin1')), false)
    const nested = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
    assert.equal(isJsonLine(nested(200)), true)
    assert.equal(isJsonLine(nested(201)), false)
    assert.equal(isJsonLine(`{"a":${'['.repeat(30_000)}`), false)
  })
})
