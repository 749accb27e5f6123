import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { EventStream } from '../../src/page/event-stream.ts'

const TEXT =
  ': loggy\n\ndata: {"a":1}\n\n:\n\nevent: dropped\ndata: {"entries":3}\n\ndata: {"b":"ü€😀"}\n\ndata: one\ndata: two\n\n'
const EVENTS = [
  { name: 'message', data: '{"a":1}' },
  { name: 'dropped', data: '{"entries":3}' },
  { name: 'message', data: '{"b":"ü€😀"}' },
  { name: 'message', data: 'one\ntwo' },
]

test('events are the same however the text is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(TEXT.length)), (cuts) => {
      const stream = new EventStream()
      const places = [0, ...cuts.toSorted((a, b) => a - b), TEXT.length]
      const events = places.flatMap((place, index) => stream.push(TEXT.slice(place, places[index + 1] ?? place)))
      assert.deepEqual(events, EVENTS)
    }),
  )
})

test('an event that has not ended is not told', () => {
  const stream = new EventStream()
  assert.deepEqual(stream.push('data: {"a":1}\n'), [])
  assert.deepEqual(stream.push('\n'), [EVENTS[0]])
})
