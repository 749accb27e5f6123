import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Kernel } from '../../src/kernel/kernel.ts'
import { entryTemplate } from '../../src/pipeline/entry-template.ts'

const OUTPUT_BYTES = 4096
const RESOURCE = Buffer.from(',"kubernetes":{"pod":"web"}}\n')
const CANARY = 0x5a
const digests = { stdout: '0123456789abcdef', stderr: 'fedcba9876543210' }

for (const hasIds of [false, true]) {
  test(`an entry whose body grows as much as any, ${hasIds ? 'with' : 'without'} an id, is written whole before the end of a batch or not at all`, () => {
    const kernel = new Kernel({ inputBytes: 4096, outputs: { count: 1, bytes: OUTPUT_BYTES } })
    const output = kernel.newOutput()
    const template = entryTemplate(RESOURCE, { hasIds })
    // Each byte becomes six; the time is the longest that there is.
    const text = `2026-01-01T00:00:00.123456789+00:00 stderr F ${'\u0001'.repeat(50)}\n`
    const input = kernel.input.subarray(0, Buffer.byteLength(text))
    input.set(Buffer.from(text))
    let written = 0
    for (let room = 0; room < 1000; room += 1) {
      output.fill(CANARY)
      kernel.setTemplate(template)
      kernel.setRecordIds(hasIds ? { digests, start: 0 } : undefined, input)
      const run = kernel.run(input, 0, output.subarray(0, room), 0, { oddStreams: 0, maximumBody: 1000 })
      assert.equal(run.ended, run.entryCount === 0 ? 'full' : 'done')
      assert.ok(run.used <= room, `${run.used} bytes in ${room}`)
      assert.ok(
        output.subarray(room).every((byte) => byte === CANARY),
        `written behind ${room}`,
      )
      written += run.entryCount
    }
    assert.ok(written > 300)
  })
}
