import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { PRESETS, type Preset } from '../../src/model/redaction.ts'
import { createRedactor, type RedactorOptions } from '../../src/redact/redactor.ts'
import { Random } from '../../src/simulation/random.ts'
import { ordinaryLines } from '../traces/ordinary-lines.ts'
import { positives, privateKey } from './positives.ts'
import { traps } from './traps.ts'

const ALL = (1 << PRESETS.length) - 1
const bit = (preset: Preset) => 1 << PRESETS.indexOf(preset)

function redactor({
  presets = ALL,
  isCut = false,
  patterns = [],
  key,
}: Partial<RedactorOptions> & { readonly presets?: number; readonly isCut?: boolean } = {}) {
  const { redact, rules } = createRedactor({ patterns, key })
  return (body: string) => {
    const found = redact(body, { presets, usesPatterns: patterns.length > 0, isCut })
    return { text: found?.text ?? body, rules: rules.filter((_, index) => (((found?.rules ?? 0) >> index) & 1) !== 0) }
  }
}

const marked = redactor()
const key = Buffer.from('0123456789abcdef')

describe('presets', () => {
  for (const { preset, line, secrets } of positives) {
    test(`${preset}: ${line.slice(0, 60)}`, () => {
      for (const redact of [redactor({ presets: bit(preset) }), marked]) {
        const { text, rules } = redact(line)
        for (const secret of secrets) assert.ok(!text.includes(secret), text)
        assert.ok(rules.includes(preset), text)
      }
    })
  }

  for (const line of traps) test(`find nothing in: ${line.slice(0, 70)}`, () => assert.equal(marked(line).text, line))

  test('find nothing in ordinary lines but addresses of machines', () => {
    const redact = redactor({ presets: ALL & ~bit('ips') })
    for (const line of ordinaryLines(new Random(1), 20_000)) assert.equal(redact(line).text, line)
  })

  test('leave the rest of a line as it is', () => {
    assert.equal(marked('a password=hunter2 b').text, 'a password=[REDACTED:tokens] b')
    assert.equal(marked('postgres://shop:hunter2@db/x').text, 'postgres://shop:[REDACTED:tokens]@db/x')
    assert.equal(marked('Authorization: Bearer abc123').text, 'Authorization: Bearer [REDACTED:tokens]')
    assert.equal(marked('to jo@example.com, 10.0.0.1.').text, 'to [REDACTED:emails], [REDACTED:ips].')
  })

  test('redact what was redacted not again', () => {
    for (const { line } of positives) {
      const { text } = marked(line)
      assert.equal(marked(text).text, text)
    }
  })

  test('take a private key whole, whatever stands around it', () => {
    const { text } = marked(['before', ...privateKey, 'behind'].join('\n'))
    assert.equal(text, 'before\n[REDACTED:tokens]\nbehind')
  })

  test('leave certificates and public keys alone', () => {
    const block = ['-----BEGIN CERTIFICATE-----', ...privateKey.slice(1, -1), '-----END CERTIFICATE-----'].join('\n')
    assert.equal(marked(block).text, block)
  })

  test('take a private key whose end is missing, and lines of one whose beginning is', () => {
    assert.equal(marked(privateKey.slice(0, 4).join('\n')).text, '[REDACTED:tokens]')
    const { text } = marked(privateKey.slice(2).join('\n'))
    for (const line of privateKey.slice(2, -1)) assert.ok(!text.includes(line), text)
  })
})

describe('bodies of JSON', () => {
  const json = (body: string) => JSON.parse(marked(body).text)

  test('stay JSON, with numbers as numbers', () => {
    assert.deepEqual(json('{"card":4111111111111111,"n":-1.5e3,"password":123}'), { card: 0, n: -1500, password: 0 })
    assert.deepEqual(json('{"a":["4111111111111111",{"b\\n":"x@y.de \\u0041"}]}'), {
      a: ['[REDACTED:cards]', { 'b\n': '[REDACTED:emails] A' }],
    })
  })

  test('keep what is not redacted as it was written', () => {
    assert.equal(
      marked(' {"z" : 1.0, "m":"a@b.de", "t":"\\u00e9\\/" , "e":1e5}\n').text,
      ' {"z" : 1.0, "m":"[REDACTED:emails]", "t":"\\u00e9\\/" , "e":1e5}\n',
    )
  })

  test('of which one is within another are redacted at all depths', () => {
    const inner = JSON.stringify({ password: 'hunter2', mail: 'jo@example.com' })
    const { x } = json(JSON.stringify({ x: inner }))
    assert.deepEqual(JSON.parse(x), { password: '[REDACTED:tokens]', mail: '[REDACTED:emails]' })
  })

  test('that are broken are texts', () => {
    assert.equal(marked('{"password":"hunter2",').text, '{"password":"[REDACTED:tokens]",')
  })
})

describe('marks with a hash', () => {
  const hashed = redactor({ key })

  test('are the same for the same secret, however it is written, and differ for others', () => {
    const [one, two, three] = ['4111111111111111', 'x 4111-1111-1111-1111', '{"a":"4111\\u00201111 1111 1111"}'].map(
      (line) => /\[REDACTED:cards:[0-9a-f]{16}\]/.exec(hashed(line).text)?.[0],
    )
    assert.ok(one)
    assert.deepEqual([two, three], [one, one])
    assert.ok(!hashed('5555555555554444').text.includes(one))
    assert.ok(!redactor({ key: Buffer.from('another key of mine') })('4111111111111111').text.includes(one))
  })

  test('are numbers in place of numbers', () => {
    const { card } = JSON.parse(hashed('{"card":4111111111111111}').text)
    assert.ok(Number.isSafeInteger(card) && card < 1e12)
  })
})

describe('patterns', () => {
  const patterns = [
    { name: 'order', pattern: 'ORD-[0-9]{6}' },
    { name: 'customer', pattern: 'customer ([a-z]+)' },
  ]
  const redact = redactor({ presets: 0, patterns })

  test('replace what they match, or their first group', () => {
    const { text, rules } = redact('ORD-123456 of customer jo')
    assert.equal(text, '[REDACTED:order] of customer [REDACTED:customer]')
    assert.deepEqual(rules, ['order', 'customer'])
  })

  test('never break JSON', () => {
    const all = redactor({ presets: 0, patterns: [{ name: 'all', pattern: '.*' }] })
    assert.deepEqual(JSON.parse(all('{"a":"b","c":1}').text), { '[REDACTED:all]': 0 })
  })
})

describe('a piece of a line', () => {
  const redact = redactor({ isCut: true })

  test('loses a last and a first word that may be a part of a secret', () => {
    assert.equal(redact('paid with 4111 1111 11').text, 'paid with [REDACTED:cut]')
    assert.equal(redact('4567890 was the end').text, '[REDACTED:cut]was the end')
    assert.equal(redact('key AKIAQ7X').text, 'key [REDACTED:cut]')
  })

  test('keeps the words of a sentence', () => {
    assert.equal(redact('Enter a name').text, 'Enter a name')
  })
})

test('no text takes more than linear time', () => {
  const hostile = [
    'a',
    '@',
    'a@',
    '1',
    '1 ',
    '4111-',
    'eyJ',
    'eyJ.',
    '://a:',
    'password="',
    "token='",
    '-----BEGIN PRIVATE KEY-----',
    '::',
    '1.',
    '{"',
    '\\u00',
    '\\',
    'Bearer ',
    'Authorization: ',
  ]
  for (const unit of hostile) {
    const text = unit.repeat(200_000 / unit.length)
    const started = process.cpuUsage().user
    marked(text)
    const seconds = (process.cpuUsage().user - started) / 1e6
    assert.ok(seconds < 3, `${unit}: ${seconds} s`)
  }
})
