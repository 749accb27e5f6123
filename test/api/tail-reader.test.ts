import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTailFilter } from '../../src/api/tail-filter.ts'
import { TailReader } from '../../src/api/tail-reader.ts'
import type { PodRecord } from '../../src/model/pod-record.ts'
import { someContainer } from '../support/some-container.ts'

const names = { namespace: 'shop', pod: 'web', container: 'app' }

const pod: PodRecord = {
  uid: 'u',
  namespace: 'shop',
  name: 'web',
  node: 'n',
  podIP: undefined,
  configHash: undefined,
  owner: undefined,
  labels: { app: 'web' },
  annotations: { team: 'payments' },
  containers: new Map(),
}

/** A reader whose clock and stream stand still until they are told. */
function follow(query: string, readers = 1) {
  const stream = {
    text: '',
    writableLength: 0,
    write(bytes: Buffer | string) {
      this.text += bytes
      return true
    },
  }
  let nowMs = 0
  const clock = { now: () => nowMs, monotonic: () => nowMs, sleep: async () => {} }
  const known: { pod: PodRecord | undefined } = { pod }
  const parts = { find: () => known.pod, readerCount: () => readers, clock }
  const reader = new TailReader(parseTailFilter(new URLSearchParams(query)), stream, parts)
  const offer = (...logs: unknown[]) =>
    reader.offer(
      someContainer,
      Buffer.from(logs.map((log) => `${JSON.stringify({ log, kubernetes: names })}\n`).join('')),
    )
  const pass = (ms: number) => {
    nowMs += ms
  }
  const events = () => stream.text.split('\n\n').filter((event) => event !== '' && !event.startsWith(':'))
  const logs = () => events().map((event) => JSON.parse(event.replace('data: ', '')).log)
  return { reader, stream, offer, events, logs, known, pass }
}

test('says at once that it is there', () => assert.equal(follow('').stream.text, ': loggy\n\n'))

for (const [query, isMatch] of [
  ['labels=app%3Dweb', true],
  ['labels=app%3Dapi', false],
  ['annotations=team%3Dpayments&namespace=sh*', true],
  ['annotations=team%3Dother', false],
  ['namespace=bank', false],
  ['pod=web-*&container=app', true],
  ['container=sidecar', false],
] as const) {
  test(`the entries of a container ${isMatch ? 'match' : 'do not match'} ${query}`, () => {
    const { offer, logs } = follow(query)
    offer('one', 'two')
    assert.deepEqual(logs(), isMatch ? ['one', 'two'] : [])
  })
}

test('a label that comes while it follows counts from then on', () => {
  const { offer, logs, known } = follow('labels=tier%3Dgold')
  offer('before')
  known.pod = { ...pod, labels: { tier: 'gold' } }
  offer('after')
  assert.deepEqual(logs(), ['after'])
})

for (const grep of ['plain', 'ünï', 'a "quoted" word', 'back\\slash', '<b>', 'tab\there', '😀', 'x,y']) {
  test(`finds ${JSON.stringify(grep)} in the text, however it is written in the entry, and nowhere else`, () => {
    const { offer, logs } = follow(`grep=${encodeURIComponent(grep)}`)
    offer('nothing', `here ${grep} is`, 'k', { toString: 0 })
    assert.deepEqual(logs(), [`here ${grep} is`])
  })
}

test('text that stands in the metadata alone is not found', () => {
  const { offer, logs } = follow('grep=kubernetes')
  offer('one', 'about kubernetes')
  assert.deepEqual(logs(), ['about kubernetes'])
})

test('text is found in a line that was JSON', () => {
  const { reader, events } = follow('grep=needle')
  const line = JSON.stringify({ json: { a: 'a needle' }, kubernetes: names })
  reader.offer(someContainer, Buffer.from(`${line}\n`))
  assert.deepEqual(events(), [`data: ${line}`])
})

test('text is found in a line whose JSON is nested too deep to be written again', () => {
  const { reader, events } = follow('grep=needle')
  const deep = `${'['.repeat(100_000)}"needle"${']'.repeat(100_000)}`
  reader.offer(someContainer, Buffer.from(`{"json":{"toJSON":1,"a":${deep}},"kubernetes":${JSON.stringify(names)}}\n`))
  assert.equal(events().length, 1)
})

test('a reader that does not read loses entries, and is told how many', () => {
  const { offer, events, stream, reader } = follow('')
  stream.writableLength = 5 * 1024 * 1024
  offer('one', 'two', 'three')
  reader.tend()
  assert.deepEqual(events(), [])
  stream.writableLength = 0
  reader.tend()
  reader.tend()
  assert.deepEqual(events(), ['event: dropped\ndata: {"entries":3}'])
})

test('a flood is cut at a thousand entries in a tenth of a second, and what is left out is told', () => {
  const { offer, events, pass, reader } = follow('')
  offer(...Array.from({ length: 1500 }, (_, at) => at))
  offer('one more')
  assert.equal(events().length, 1000)
  pass(100)
  offer('later')
  reader.tend()
  assert.deepEqual(events().slice(1000), [
    `data: ${JSON.stringify({ log: 'later', kubernetes: names })}`,
    'event: dropped\ndata: {"entries":501}',
  ])
})

test('sixteen readers share what four may have', () => {
  const { offer, events, pass, stream, reader } = follow('', 16)
  offer(...Array.from({ length: 1000 }, (_, at) => at))
  assert.equal(events().length, 250)
  pass(100)
  stream.writableLength = 1.5 * 1024 * 1024
  offer('late')
  assert.equal(events().length, 250)
  reader.tend()
  assert.equal(events().at(-1), 'event: dropped\ndata: {"entries":751}')
})

test('one entry larger than all that may be sent at a time is sent', () => {
  const { offer, logs } = follow('')
  offer('x'.repeat(3_000_000))
  assert.equal(logs()[0].length, 3_000_000)
})

test('after 15 s of silence a comment says that it is still there', () => {
  const { reader, stream, pass } = follow('')
  pass(14_000)
  reader.tend()
  assert.equal(stream.text, ': loggy\n\n')
  pass(2000)
  reader.tend()
  reader.tend()
  assert.equal(stream.text, ': loggy\n\n:\n\n')
})

for (const [query, fault] of [
  ['labels=a%3D%3D%3D', /labels: /],
  ['annotations=%21%21', /annotations: /],
  ['colour=red', /unknown parameter 'colour'/],
  ['grep=a&grep=b', /given twice/],
  [`grep=${'x'.repeat(3000)}`, /longer than/],
] as const) {
  test(`refuses ${query.slice(0, 40)}`, () => assert.throws(() => parseTailFilter(new URLSearchParams(query)), fault))
}
