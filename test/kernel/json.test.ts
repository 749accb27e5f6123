import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Kernel } from '../../src/kernel/kernel.ts'

const names = ['level', 'severity', 'severity_text', 'sixteen_letters_']
const kernel = new Kernel({ inputBytes: 65_536, outputs: { count: 0, bytes: 0 }, members: names })

/** The members that were asked for; undefined for what is no JSON object. */
function membersOf(body: string | Uint8Array): (string | number | undefined)[] | undefined {
  const bytes = Buffer.from(body)
  // With more behind it that would go on with it: nothing from the end on may count.
  const line = Buffer.concat([bytes, Buffer.from('}"1e5 ')])
  return kernel.isJsonObject(line, 0, bytes.length) ? names.map((_, index) => kernel.members.valueAt(index)) : undefined
}

/** What JSON.parse says. */
function parsedMembersOf(body: string): (string | number | undefined)[] | undefined {
  try {
    const object = JSON.parse(body)
    if (typeof object !== 'object' || object === null || Array.isArray(object)) return undefined
    return names.map((name) => {
      const value = Object.hasOwn(object, name) ? object[name] : undefined
      if (typeof value === 'string')
        return Buffer.from(JSON.stringify(value)).toString('latin1').slice(1, -1).slice(0, 31)
      return typeof value === 'number' ? value : undefined
    })
  } catch {
    return undefined
  }
}

describe('a JSON object', () => {
  const key = fc.oneof(fc.constantFrom(...names, '', 'sixteen_letters_x', 'leve'), fc.string())
  const value = fc.jsonValue({ maxDepth: 3 })
  const object = fc.dictionary(key, value, { maxKeys: 6 })

  test('is recognised with its members', () => {
    fc.assert(
      fc.property(object, (json) => {
        const body = JSON.stringify(json)
        assert.deepEqual(membersOf(body), parsedMembersOf(body))
      }),
      { numRuns: 2000 },
    )
  })

  test('is told from any text that is nearly one as JSON.parse does it', () => {
    const token = fc.constantFrom(
      ...['{', '}', '[', ']', ',', ':', '"', '\\', '"level"', '"a":', 'true', 'false', 'null', '0', '1', '-', '.', 'e'],
      ...['E+', '9', '\\u00', '\\"', '\\n', ' ', '\t', '\r', '\n', '\u0001', 'é', '\u2028', 'x', 'tru', '{}', '[]'],
    )
    const edit = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), cut: fc.nat(3), put: token })
    let objects = 0
    fc.assert(
      fc.property(object, fc.nat(2), fc.array(edit, { minLength: 1, maxLength: 3 }), (json, indent, edits) => {
        let body = JSON.stringify(json, undefined, indent)
        for (const { at, cut, put } of edits) {
          const place = Math.floor(at * body.length)
          body = body.slice(0, place) + put + body.slice(place + cut)
        }
        if (!body.isWellFormed()) return
        const expected = parsedMembersOf(body)
        assert.equal(membersOf(body) !== undefined, expected !== undefined, body)
        objects += expected === undefined ? 0 : 1
      }),
      { numRuns: 20_000 },
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
      assert.equal(membersOf(body) !== undefined, parsedMembersOf(body) !== undefined)
      assert.equal(membersOf(body)?.[0], parsedMembersOf(body)?.[0])
    })
  }

  test('has the last of two members of one name, strings as they are written, and not all of a long one', () => {
    const members = membersOf('{"level":1,"severity" : "b\\u0061d" ,"level":2}')
    assert.deepEqual(members, [2, 'b\\u0061d', undefined, undefined])
    assert.equal(membersOf(`{"level":"${'x'.repeat(40)}"}`)?.[0], 'x'.repeat(31))
    assert.equal(membersOf(`{"level":10.${'0'.repeat(40)}e1}`)?.[0], `10.${'0'.repeat(29)}`)
    assert.equal(membersOf(`{"level":[${'0,'.repeat(40)}0]}`)?.[0], undefined)
  })

  test('has no members of the objects in it', () => {
    assert.deepEqual(membersOf('{"a":{"level":1},"b":[{"level":2}]}'), [undefined, undefined, undefined, undefined])
  })

  test('is none when it is longer than any line', () => {
    assert.equal(kernel.isJsonObject(Buffer.from(`{"a":"${'x'.repeat(65_530)}"}`), 0, 65_538), false)
  })

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
      assert.equal(membersOf(body) !== undefined, isOne)
    })
  }

  test('is valid UTF-8, and not nested more than 200 deep', () => {
    assert.equal(membersOf(Buffer.from('{"a":"\xe9"}', 'latin1')), undefined)
    const nested = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
    assert.notEqual(membersOf(nested(200)), undefined)
    assert.equal(membersOf(nested(201)), undefined)
    assert.equal(membersOf(`{"a":${'['.repeat(30_000)}`), undefined)
  })
})
