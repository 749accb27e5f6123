import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tailEvents } from '../../src/ask/tail-events.ts'

const stream =
  ': loggy\n\ndata: {"log":"日本"}\n\n:\n\nevent: dropped\ndata: {"entries":17}\n\nevent: other\ndata: x\n\nevent: message\ndata: {"log":"b"}\n\ndata: unfin'

const expected = ['{"log":"日本"}', 17, '{"log":"b"}']

test('reads entries and what was dropped, and passes comments and other events over', async () => {
  assert.deepEqual(await read([Buffer.from(stream)]), expected)
})

test('reads them in whatever pieces they come', async () => {
  assert.deepEqual(await read([...Buffer.from(stream)].map((byte) => Buffer.of(byte))), expected)
})

test('takes a number that makes no sense for one', async () => {
  assert.deepEqual(await read([Buffer.from('event: dropped\ndata: ?\n\nevent: dropped\ndata: {}\n\n')]), [1, 1])
})

test('takes what the agent does with what is asked for, as far as it makes sense', async () => {
  const stream = [
    'event: selection\ndata: {"containers":3,"excluded":{"select.labels: a":2,"odd":"x"}}\n\n',
    'event: selection\ndata: ?\n\n',
  ]
  assert.deepEqual(await read([Buffer.from(stream.join(''))]), [
    '{"containers":3,"excluded":{"select.labels: a":2}}',
    '{"containers":0,"excluded":{}}',
  ])
})

async function read(chunks: readonly Buffer[]): Promise<(string | number)[]> {
  const body = (async function* () {
    yield* chunks
  })()
  const seen: (string | number)[] = []
  for await (const event of tailEvents(body)) {
    if (event.kind === 'entry') seen.push(event.line.toString())
    else seen.push(event.kind === 'dropped' ? event.entryCount : JSON.stringify(event.selection))
  }
  return seen
}
