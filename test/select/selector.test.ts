import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { parseSelector, SelectorError } from '../../src/select/selector.ts'

type Values = Record<string, string>

/** Selector, values it matches, values it does not match. Facts from the Kubernetes documentation and apimachinery's selector tests. */
const table: readonly [string, readonly Values[], readonly Values[]][] = [
  ['', [{}, { a: 'b' }], []],
  ['   ', [{}, { a: 'b' }], []],
  ['x=y', [{ x: 'y' }], [{}, { x: 'z' }, { z: 'y' }]],
  ['x==y', [{ x: 'y' }], [{}, { x: 'z' }]],
  [' x = y ', [{ x: 'y' }], [{ x: ' y' }]],
  ['x=y,z=w', [{ x: 'y', z: 'w' }], [{ x: 'y' }, { z: 'w' }, { x: 'z', z: 'w' }]],
  ['x!=y', [{}, { x: 'z' }, { x: '' }], [{ x: 'y' }]],
  [
    'x!=y,z!=w',
    [{ x: 'z', z: 'a' }, {}],
    [
      { x: 'z', z: 'w' },
      { x: 'y', z: 'a' },
    ],
  ],
  ['x=', [{ x: '' }], [{}, { x: 'a' }]],
  ['x=,z= ', [{ x: '', z: '' }], [{ x: '' }, { x: '', z: 'a' }]],
  ['x= ,z', [{ x: '', z: 'a' }], [{ x: 'a', z: 'a' }]],
  ['x!=', [{}, { x: 'a' }], [{ x: '' }]],
  ['x', [{ x: 'y' }, { x: '' }], [{}, { y: 'x' }]],
  ['!x', [{}, { y: 'x' }], [{ x: 'y' }, { x: '' }]],
  ['! x', [{}], [{ x: '' }]],
  ['x,!y', [{ x: '1' }], [{ x: '1', y: '1' }, {}]],
  ['x in (a)', [{ x: 'a' }], [{}, { x: 'b' }]],
  ['x in (a,b,c)', [{ x: 'a' }, { x: 'c' }], [{}, { x: 'd' }, { x: '' }]],
  ['x in(a, b )', [{ x: 'b' }], [{ x: ' b' }]],
  ['x\tin\r\n(a)', [{ x: 'a' }], [{ x: 'b' }]],
  ['x in (a,,b)', [{ x: '' }, { x: 'a' }, { x: 'b' }], [{}, { x: 'c' }]],
  ['x in (,a)', [{ x: '' }, { x: 'a' }], [{}]],
  ['x in (a,)', [{ x: '' }, { x: 'a' }], [{}]],
  ['x in (,)', [{ x: '' }], [{}, { x: 'a' }]],
  ['x notin (a,b)', [{}, { x: 'c' }, { x: '' }], [{ x: 'a' }, { x: 'b' }]],
  ['x notin (a,)', [{}, { x: 'c' }], [{ x: '' }, { x: 'a' }]],
  ['x in (a,b),y notin (c)', [{ x: 'a' }, { x: 'b', y: 'd' }], [{ x: 'a', y: 'c' }]],
  ['x in (a),y', [{ x: 'a', y: '' }], [{ x: 'a' }]],
  ['y,x notin (a)', [{ y: '1' }], [{ y: '1', x: 'a' }]],
  ['x>1', [{ x: '2' }, { x: '10' }, { x: '007' }], [{}, { x: '1' }, { x: '0' }, { x: 'a' }, { x: '2.5' }, { x: '' }]],
  ['x < 7', [{ x: '6' }, { x: '0' }], [{}, { x: '7' }, { x: '10' }, { x: 'six' }]],
  ['x>1,x<5', [{ x: '3' }], [{ x: '5' }, { x: '1' }]],
  ['x>9223372036854775806', [{ x: '9223372036854775807' }], [{ x: '9223372036854775808' }]],
  ['in in (in,notin)', [{ in: 'in' }, { in: 'notin' }], [{ in: 'on' }, {}]],
  ['notin=in', [{ notin: 'in' }], [{}]],
  ['notin', [{ notin: '' }], [{}]],
  ['app.kubernetes.io/name=web', [{ 'app.kubernetes.io/name': 'web' }], [{ name: 'web' }]],
  ['environment in (production, qa)', [{ environment: 'qa' }], [{ environment: 'dev' }]],
  ['tier notin (frontend, backend)', [{ tier: 'cache' }, {}], [{ tier: 'frontend' }]],
  [
    'partition,environment notin (qa)',
    [{ partition: 'a', environment: 'dev' }],
    [{ partition: 'a', environment: 'qa' }],
  ],
  ['constructor', [{ constructor: '' }], [{}]],
  ['!toString', [{}], []],
]

/** Selector, and the index at which it goes wrong. */
const faults: readonly [string, number][] = [
  ['x=a||y=b', 2],
  ['x==a==b', 4],
  ['!x=a', 2],
  ['x<a', 2],
  ['x>', 2],
  ['x>1.5', 2],
  ['x>9223372036854775808', 2],
  ['x=y,', 4],
  ['x,,y', 2],
  [',x', 0],
  ['x in', 4],
  ['x in (', 6],
  ['x in ()', 6],
  ['x in (a', 7],
  ['x in (a b)', 8],
  ['x in a', 5],
  ['x in (!a)', 6],
  ['x notin', 7],
  ['x y', 2],
  ['x=y z', 4],
  ['x=!y', 2],
  ['x===y', 3],
  ['!', 1],
  ['!!x', 1],
  ['=y', 0],
  ['(x)', 0],
  ['x=-y', 2],
  ['x=a/b', 2],
  [`x=${'a'.repeat(64)}`, 2],
  ['a/b/c=d', 0],
  ['/a', 0],
  ['A/b', 0],
  ['a/', 0],
  ['-a', 0],
  ['ä', 0],
  [`${'a'.repeat(64)}`, 0],
  [`${'a'.repeat(254)}/b`, 0],
  ['x="y"', 2],
]

describe('parseSelector', () => {
  for (const [text, matching, failing] of table) {
    test(`reads ${JSON.stringify(text)} as Kubernetes does`, () => {
      const selector = parseSelector(text)
      for (const values of matching) assert.equal(selector.matches(values), true, JSON.stringify(values))
      for (const values of failing) assert.equal(selector.matches(values), false, JSON.stringify(values))
    })
  }

  for (const [text, position] of faults) {
    test(`refuses ${JSON.stringify(text.slice(0, 20))} at character ${position + 1}`, () => {
      assert.throws(
        () => parseSelector(text),
        (error) => error instanceof SelectorError && error.code === 'SELECTOR_INVALID' && error.position === position,
      )
    })
  }

  test('says what was expected and what was found', () => {
    assert.throws(() => parseSelector('app in web'), { message: 'expected \'(\' at character 8, found "web"' })
    assert.throws(() => parseSelector('app in (web'), { message: "expected ',' or ')' at character 12, found the end" })
  })

  test('knows whether it requires anything', () => {
    assert.equal(parseSelector(' ').isEmpty, true)
    assert.equal(parseSelector('a').isEmpty, false)
  })

  test('lets annotation values be any text, quoted where the grammar needs it', () => {
    const annotation = (text: string) => parseSelector(text, { values: 'annotation' })
    assert.ok(annotation('team=payments@shop.example:8080/a+b').matches({ team: 'payments@shop.example:8080/a+b' }))
    assert.ok(annotation(`note=${'x'.repeat(300)}`).matches({ note: 'x'.repeat(300) }))
    assert.ok(annotation('note="a, (b) = \\"c\\" \\\\ \\n"').matches({ note: 'a, (b) = "c" \\ \n' }))
    assert.ok(annotation('note in ("a b", c),x').matches({ note: 'a b', x: '' }))
    assert.ok(annotation('note=""').matches({ note: '' }))
    assert.ok(annotation('load>"-5"').matches({ load: '-4' }))
    assert.ok(annotation('name=größe').matches({ name: 'größe' }))
    for (const text of ['a="b', 'a="b\\x"', 'a="b"c', '"a"=b', 'a=b=c'])
      assert.throws(() => annotation(text), SelectorError)
  })
})

const key = fc.stringMatching(/^(a\.b\/)?[a-c]$/)
const labelValue = fc.oneof(
  fc.constantFrom('', 'a', 'b', 'in', 'notin', '7', '12'),
  fc.stringMatching(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,20}[A-Za-z0-9])?$/),
)
const annotationValue = fc.oneof(
  labelValue,
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('"', '\\', 'a,b', ' ', '(', '=!', '\n\r\t'),
)
const spaces = fc.stringMatching(/^[ \t\r\n]{0,2}$/)

type Term = { key: string; operator: string; values: string[] }
const term = (value: fc.Arbitrary<string>): fc.Arbitrary<Term> =>
  fc.oneof<fc.Arbitrary<Term>[]>(
    fc.record({ key, operator: fc.constantFrom('=', '==', '!='), values: fc.tuple(value) }),
    fc.record({
      key,
      operator: fc.constantFrom('in', 'notin'),
      values: fc.array(value, { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ key, operator: fc.constantFrom('exists', '!'), values: fc.constant<string[]>([]) }),
    fc.record({ key, operator: fc.constantFrom('<', '>'), values: fc.tuple(fc.nat(20).map(String)) }),
  )

/** What Kubernetes documents each operator to mean. */
function holds({ key, operator, values: accepted }: Term, values: Values): boolean {
  const value = values[key]
  switch (operator) {
    case '!=':
    case 'notin':
      return value === undefined || !accepted.includes(value)
    case 'exists':
      return value !== undefined
    case '!':
      return value === undefined
    case '<':
      return value !== undefined && /^\d+$/.test(value) && Number(value) < Number(accepted[0])
    case '>':
      return value !== undefined && /^\d+$/.test(value) && Number(value) > Number(accepted[0])
    default:
      return value !== undefined && accepted.includes(value)
  }
}

function print({ key, operator, values }: Term, space: string, quote: (value: string) => string): string {
  const list = values.map((value) => space + quote(value) + space)
  if (operator === 'exists') return space + key + space
  if (operator === '!') return `${space}!${space}${key}${space}`
  // The empty value alone has to be written as two.
  if (operator.endsWith('in')) return `${key} ${operator}${space}(${list.join(',').trim() || ','})`
  return key + space + operator + list.join('')
}

const escapes: Values = { '"': '\\"', '\\': '\\\\', '\n': '\\n' }
const quoted = (value: string) => `"${value.replace(/["\\\n]/g, (letter) => escapes[letter] ?? letter)}"`

for (const [kind, value, quote] of [
  ['label', labelValue, (value: string) => value],
  ['annotation', annotationValue, quoted],
] as const) {
  test(`any printed ${kind} selector means what was printed`, () => {
    const terms = fc.array(term(value), { maxLength: 4 })
    const candidates = fc.array(fc.dictionary(key, value, { maxKeys: 4 }), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(terms, candidates, spaces, (terms, candidates, space) => {
        const text = terms.map((term) => print(term, space, quote)).join(',')
        const selector = parseSelector(text, { values: kind })
        const own = Object.fromEntries(
          terms.flatMap(({ key, values }) => (values[0] === undefined ? [] : [[key, values[0]]])),
        )
        for (const values of [...candidates, own, {}]) {
          assert.equal(
            selector.matches(values),
            terms.every((term) => holds(term, { ...values })),
            text,
          )
        }
      }),
    )
  })
}

test('any text is read or refused with a SelectorError within it', () => {
  const text = fc.string({ unit: fc.constantFrom(...'ab=!<>()," \\\t', 'in', ' in (', 'notin') })
  fc.assert(
    fc.property(text, fc.constantFrom<'label' | 'annotation'>('label', 'annotation'), (text, values) => {
      try {
        parseSelector(text, { values })
      } catch (error) {
        assert.ok(error instanceof SelectorError)
        assert.ok(error.position >= 0 && error.position <= text.length)
      }
    }),
  )
})
