import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { loggyProgram } from '../../src/formats/loggy-program.ts'
import { systemClock } from '../../src/lib/clock.ts'
import type { Multiline } from '../../src/model/multiline.ts'
import { PRESETS } from '../../src/model/redaction.ts'
import { Lane } from '../../src/pipeline/lane.ts'
import { Pipeline } from '../../src/pipeline/pipeline.ts'
import type { NamedPattern } from '../../src/redact/patterns.ts'
import { createRedactor } from '../../src/redact/redactor.ts'
import { Random } from '../../src/simulation/random.ts'
import { positives, privateKey } from '../redact/positives.ts'
import { loneKeyLine, secretLine, secrets } from '../redact/secret-lines.ts'
import { traps } from '../redact/traps.ts'
import { someContainer } from '../support/some-container.ts'

const ALL = (1 << PRESETS.length) - 1
const TIME = '2026-11-22T07:00:00.5Z'
const cri = (body: string, tag = 'F') => `${TIME} stdout ${tag} ${body}\n`
const docker = (log: string) => `${JSON.stringify({ log: `${log}\n`, stream: 'stdout', time: TIME })}\n`

interface Options {
  readonly json?: boolean
  readonly maxLineBytes?: number
  readonly multiline?: Multiline
  readonly patterns?: readonly NamedPattern[]
  readonly presets?: number
  /** Cuts the text into chunks. */
  readonly random?: Random
}

interface Entry {
  readonly log: string
  readonly json?: unknown
  readonly level?: string
  readonly lines?: number
  readonly redacted?: readonly string[]
  readonly truncated?: true
  readonly originalBytes?: number
}

/** One agent's pipeline for all lines: what one leaves behind must not show in the next. */
function createEncoder({
  json = false,
  maxLineBytes = 10_000,
  multiline = 'off',
  patterns = [],
  presets = ALL,
  random,
}: Options = {}) {
  const redactor = createRedactor({ patterns, key: undefined })
  const pipeline = new Pipeline({ maxLineBytes, batches: 1, redactor }, systemClock)
  pipeline.configure({ json, level: 'auto', minLevel: 'trace' })
  const builder = pipeline.newBatch()
  const encode = (text: string): Entry[] => {
    const bytes = Buffer.from(text)
    const lane = new Lane({ ref: someContainer }, loggyProgram(Buffer.from('}\n')))
    Object.assign(lane, { redacts: presets, multiline })
    const file = { path: '0.log' }
    const found: string[] = []
    const take = () => {
      found.push(Buffer.from(builder.seal().bytes).toString())
      builder.clear()
    }
    for (let offset = 0, end = 0; offset < bytes.length; ) {
      end = random === undefined ? bytes.length : Math.min(bytes.length, Math.max(end, offset) + 1 + random.below(60))
      const chunk = { file, bytes: bytes.subarray(offset, end), offset, isFinal: false }
      const { byteCount, isBatchFull } = pipeline.encode(chunk, lane, builder)
      offset += byteCount
      if (isBatchFull || random?.below(4) === 0) take()
    }
    while (!pipeline.flushHeld(lane, builder)) take()
    take()
    const lines = found.join('').split('\n').slice(0, -1)
    return lines.map((line) => JSON.parse(line))
  }
  return { encode, pipeline }
}

const shown = (entries: readonly Entry[]) => JSON.stringify(entries)

/** However it stands in the entry. */
function holds(entries: readonly Entry[], secret: string): boolean {
  return entries.some(({ log, json }) => (log ?? JSON.stringify(json)).includes(secret))
}

describe('no secret is in an entry', () => {
  const { encode, pipeline } = createEncoder()
  const asJson = createEncoder({ json: true })

  for (const [name, write] of [
    ['of CRI', cri],
    ['of docker', docker],
    ['of a line in no known format', (line: string) => `${line}\n`],
    ['of a line in the middle of others', (line: string) => cri('before') + cri(line) + cri('behind')],
  ] as const) {
    test(name, () => {
      for (const { preset, line, secrets } of positives) {
        const entries = encode(write(line))
        for (const secret of secrets) assert.ok(!holds(entries, secret), shown(entries))
        assert.ok(
          entries.some(({ redacted }) => redacted?.includes(preset)),
          shown(entries),
        )
      }
    })
  }

  test('with parse.json, and what was JSON is', () => {
    for (const { line, secrets } of positives)
      for (const write of [cri, docker]) {
        const entries = asJson.encode(write(line))
        for (const secret of secrets) assert.ok(!holds(entries, secret), shown(entries))
        if (line.startsWith('{"')) assert.ok(entries[0]?.json !== undefined, shown(entries))
      }
  })

  test('in any chunks and parts', () => {
    const split = createEncoder({ random: new Random(7) })
    const random = new Random(8)
    for (const { line, secrets } of positives) {
      const bytes = Buffer.from(line).toString('latin1')
      const at = random.below(bytes.length)
      const parts = Buffer.from(cri(bytes.slice(0, at), 'P') + cri(bytes.slice(at)), 'latin1').toString()
      const entries = Buffer.byteLength(line) === line.length ? split.encode(parts) : split.encode(cri(line))
      assert.equal(entries.length, 1)
      for (const secret of secrets) assert.ok(!holds(entries, secret), shown(entries))
    }
  })

  test('nor is anything else changed', () => {
    for (const write of [cri, docker])
      for (const line of traps) {
        const [entry] = encode(write(line))
        assert.deepEqual([entry?.log, entry?.redacted], [line, undefined])
      }
  })

  test('and rules are counted once per record', () => {
    const before = pipeline.redacted.get('cards') ?? 0
    encode(cri('4111111111111111 and 4111111111111111, jo@example.com') + cri('4111111111111111'))
    assert.equal((pipeline.redacted.get('cards') ?? 0) - before, 2)
  })
})

describe('what a rule finds, the kernel does not let pass', () => {
  const redactor = createRedactor({ patterns: [], key: undefined })
  const check = (lines: readonly string[], presets = ALL, write: (line: string) => string = cri) => {
    const entries = createEncoder({ presets }).encode(lines.map((line) => write(line)).join(''))
    for (const [index, line] of lines.entries()) {
      const expected = redactor.redact(line, { presets, usesPatterns: false, isCut: false })?.text ?? line
      assert.equal(entries[index]?.log, expected, line)
    }
  }

  test('in lines made of pieces', () => {
    const pool = [...positives.map(({ line }) => line), ...traps].filter((line) => !line.includes('\n'))
    const random = new Random(2)
    const piece = (): string => {
      const one = random.pick(pool)
      const from = random.below(one.length + 1)
      if (random.below(4) > 0) return one.slice(from, from + random.below(one.length + 1 - from))
      return Array.from({ length: random.below(50) }, () => 'abcz0189.:-_ =/"@AF'[random.below(19)]).join('')
    }
    check(Array.from({ length: 5000 }, () => Array.from({ length: 1 + random.below(4) }, piece).join('')))
  })

  test('at any place of a line', () => {
    const random = new Random(5)
    const places = Array.from({ length: 130 }, (_, place) => ' '.padStart(place, 'x'))
    check(places.flatMap((before) => secrets.map((secret) => before + secret(random))))
  })

  test('in lines of a private key, each by itself', () => {
    const random = new Random(6)
    for (const write of [cri, docker])
      check(
        Array.from({ length: 2000 }, () => loneKeyLine(random)),
        ALL,
        write,
      )
  })

  test('in lines of docker', () => {
    const random = new Random(7)
    check(
      Array.from({ length: 5000 }, () => secretLine(random)),
      ALL,
      docker,
    )
  })

  test('in lines of made-up secrets, with any presets', () => {
    const random = new Random(4)
    for (let presets = 1; presets <= ALL; presets += 1)
      check(
        Array.from({ length: presets === ALL ? 8000 : 800 }, () => secretLine(random)),
        presets,
      )
  })
})

test('levels and ids are those of the line as it was written', () => {
  const { encode } = createEncoder()
  const [entry] = encode(cri('{"password":"hunter2","level":"warn"}'))
  assert.deepEqual([entry?.level, entry?.log], ['warn', '{"password":"[REDACTED:tokens]","level":"warn"}'])
})

test('only what a lane has as presets is looked for', () => {
  const { encode } = createEncoder({ presets: 1 << PRESETS.indexOf('emails') })
  const [entry] = encode(cri('jo@example.com password=hunter2 4111111111111111 10.0.0.1'))
  assert.equal(entry?.log, '[REDACTED:emails] password=hunter2 4111111111111111 10.0.0.1')
})

test('no line takes the kernel more than linear time', () => {
  const { encode } = createEncoder({ maxLineBytes: 1 << 20 })
  const pieces = [
    'x:y:z:',
    '::',
    ':::',
    'a@',
    '//@',
    '1 ',
    '12-',
    '1.2.',
    '127.0.0.',
    '\\n',
    'AAAA\\n',
    '_key ',
    'password',
    '--a-',
  ]
  for (const piece of pieces) {
    const line = cri(piece.repeat(1_000_000 / piece.length))
    const startedMs = performance.now()
    encode(line)
    const tookMs = performance.now() - startedMs
    assert.ok(tookMs < 1000, `${piece}: ${tookMs} ms`) // it takes 10 ms
  }
})

describe('a private key', () => {
  const text = privateKey.map((line) => cri(line)).join('')
  for (const multiline of ['auto', 'off', 'indented'] as const)
    test(`is one record, and goes whole, with multiline ${multiline}`, () => {
      for (const random of [undefined, new Random(3)]) {
        const { encode } = createEncoder({ multiline, ...(random && { random }) })
        const entries = encode(cri('before') + text + cri('behind'))
        assert.deepEqual(
          entries.map(({ log, lines }) => [log, lines]),
          [
            ['before', undefined],
            ['[REDACTED:tokens]', privateKey.length],
            ['behind', undefined],
          ],
        )
      }
    })

  test('that is cut leaves none of its whole lines', () => {
    const { encode } = createEncoder({ multiline: 'auto', maxLineBytes: 200 })
    const entries = encode(text)
    for (const line of privateKey.slice(1, -2)) assert.ok(!holds(entries, line), shown(entries))
  })

  test('of which only other lines are joined is none where tokens are not redacted', () => {
    const { encode } = createEncoder({ presets: 0 })
    assert.equal(encode(text).length, privateKey.length)
  })
})

describe('long lines', () => {
  test('are cut behind redaction, with the length that they had', () => {
    const { encode } = createEncoder({ maxLineBytes: 1000 })
    const line = `${'x'.repeat(990)} 4111111111111111 ${'y'.repeat(500)}`
    const [entry] = encode(cri(line))
    assert.equal(entry?.originalBytes, line.length)
    assert.ok(entry?.truncated && !entry.log.includes('4111'))
  })

  test('that fit once they are redacted are whole', () => {
    const { encode } = createEncoder({ maxLineBytes: 1000 })
    const [entry] = encode(cri(`password="${'s3cr3t'.repeat(300)}" is gone`))
    assert.deepEqual([entry?.log, entry?.truncated], ['password="[REDACTED:tokens]" is gone', undefined])
  })

  test('of which not all was kept lose a number at the end', () => {
    const { encode } = createEncoder({ maxLineBytes: 1000 })
    const half = 'x'.repeat(990)
    const [entry] = encode(cri(`${half} 41111`, 'P') + cri(`11111111111 ${'y'.repeat(300)}`))
    assert.ok(entry?.truncated && !entry.log.includes('4111'), shown(entry ? [entry] : []))
  })

  test('that marks make too long are cut', () => {
    const { encode } = createEncoder({ maxLineBytes: 1000, json: true })
    const body = JSON.stringify({ a: Array.from({ length: 60 }, () => '1.1.1.1') })
    const [entry] = encode(cri(`${body.slice(0, -1)},"b":${'1'.repeat(900 - body.length)}}`))
    assert.ok(entry?.log !== undefined && entry.log.length <= 1000)
  })
})

describe('patterns', () => {
  test('find what they match in lines with the text that it must have', () => {
    const { encode } = createEncoder({ presets: 0, patterns: [{ name: 'order', pattern: 'ORD-[0-9]{6}' }] })
    const entries = encode(cri('x ORD-123456') + cri('ORD-12345') + docker('ORD-123456') + cri('ORX-123456'))
    assert.deepEqual(
      entries.map(({ log }) => log),
      ['x [REDACTED:order]', 'ORD-12345', '[REDACTED:order]', 'ORX-123456'],
    )
  })

  test('that must have none are looked for in each line', () => {
    const { encode } = createEncoder({ presets: 0, patterns: [{ name: 'n', pattern: '[0-9]+|x' }] })
    assert.deepEqual(
      encode(cri('a 1') + cri('b x') + cri('c')).map(({ log }) => log),
      ['a [REDACTED:n]', 'b [REDACTED:n]', 'c'],
    )
  })
})

test('a body that is larger than a batch is redacted as a whole, and counted once', () => {
  const { encode, pipeline } = createEncoder({ maxLineBytes: 4 << 20 })
  const rest = 'y'.repeat(3_000_000)
  for (const write of [cri, docker]) {
    const [entry, ...others] = encode(write(`4111111111111111 ${rest} jo@example.com`) + write('behind'))
    assert.equal(entry?.log, `[REDACTED:cards] ${rest} [REDACTED:emails]`)
    assert.deepEqual(entry?.redacted, ['cards', 'emails'])
    assert.deepEqual(
      others.map(({ log }) => log),
      ['behind'],
    )
  }
  assert.deepEqual(
    [...pipeline.redacted],
    [
      ['cards', 2],
      ['emails', 2],
    ],
  )
})

test('many large bodies are redacted in several windows, each once', () => {
  const { encode } = createEncoder({ maxLineBytes: 1 << 20 })
  const body = `4111111111111111 ${'y'.repeat(200_000)}`
  const entries = encode(Array.from({ length: 40 }, () => cri(body)).join(''))
  assert.equal(entries.length, 40)
  for (const { log } of entries) assert.equal(log, body.replace('4111111111111111', '[REDACTED:cards]'))
})

test('any line that rules find something in is passed on by the kernel, whatever stands around it', () => {
  const random = new Random(11)
  const { redact } = createRedactor({ patterns: [], key: undefined })
  const pieces = [...positives.map(({ line }) => line), ...traps].filter((line) => !line.includes('\r'))
  const cut = (line: string) => line.slice(random.below(line.length), random.below(line.length) + 40)
  const line = () => {
    const parts = Array.from({ length: 1 + random.below(3) }, () => {
      const piece = random.pick(pieces)
      // Lines of a key behind escapes, without its beginning, are looked for only beside something else.
      return random.below(3) === 0 && !piece.includes('MII') ? cut(piece) : piece
    })
    const text = random.pick(['', ' ', 'x', '-', '"', '\\u0041']) + parts.join(random.pick([' ', '', '=', ',', '\t']))
    return random.below(5) === 0 ? text.toUpperCase() : text
  }
  const { encode } = createEncoder()
  for (let round = 0; round < 400; round += 1) {
    const lines = Array.from({ length: 50 }, line).filter((text) => text !== '')
    const wanted = lines.map((text) => redact(text, { presets: ALL, usesPatterns: false, isCut: false })?.text ?? text)
    const found = encode(lines.map((text) => cri(text)).join('')).map(({ log }) => log)
    assert.deepEqual(found, wanted)
  }
})

test('any JSON stays JSON, without what it had of secrets', () => {
  const { encode } = createEncoder({ json: true })
  const secret = fc.constantFrom('4111111111111111', 'jo@example.com', '203.0.113.9', 'postgres://a:hunter2@db/')
  const leaf = fc.oneof(
    fc.tuple(fc.string(), secret, fc.string()).map((parts) => parts.join(' ')),
    fc.jsonValue(),
  )
  const document = fc.dictionary(
    fc.oneof(fc.string(), secret),
    fc.oneof(leaf, fc.array(leaf), fc.dictionary(fc.string(), leaf)),
  )
  const nested = fc.oneof(
    document,
    document.map((inner) => ({ inner: JSON.stringify(inner) })),
  )
  fc.assert(
    fc.property(nested, fc.boolean(), (value, isDocker) => {
      const text = JSON.stringify(value).replace(/@/g, () => (isDocker ? '@' : '\\u0040'))
      const [entry] = encode(isDocker ? docker(text) : cri(text))
      const body = entry?.json === undefined ? String(entry?.log) : JSON.stringify(entry.json)
      for (const part of ['4111111111111111', 'jo@example', '203.0.113.9', 'hunter2'])
        assert.ok(!body.includes(part), body)
      assert.doesNotThrow(() => JSON.parse(body))
    }),
    { numRuns: 300 },
  )
})
