import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isContainerHint } from '../../src/select/container-hint.ts'
import { hints } from '../../src/select/hint-names.ts'
import { multilineHint, multilineIn } from '../../src/select/multiline-hint.ts'

const beginsWith = (value: string, line: string) => {
  const multiline = multilineIn(value)
  return typeof multiline === 'object' ? multiline.begins(Buffer.from(line)) : undefined
}

describe('an annotation on records of several lines', () => {
  test('may turn joining off, or join what is indented', () => {
    assert.equal(multilineIn('off'), 'off')
    assert.equal(multilineIn('indented'), 'indented')
  })

  test('may say by a pattern where a record begins', () => {
    const value = String.raw`start=^\d{4}-\d{2}-\d{2} `
    assert.equal(beginsWith(value, '2026-11-29 07:00 x'), true)
    assert.equal(beginsWith(value, '\tat x'), false)
  })

  test('is nothing with another value, a broken pattern, or one that would take long', () => {
    for (const value of [
      '',
      'on',
      'auto',
      'start=',
      'start=(',
      `start=${'a'.repeat(201)}`,
      'start=(?<=a)b',
      'start=(a?){60}(a){60}',
    ])
      assert.equal(multilineIn(value), undefined, value)
  })

  test('sees no more than 256 bytes of a line', () => {
    assert.equal(beginsWith('start=x$', `${'a'.repeat(255)}xyz`), true)
    assert.equal(beginsWith('start=z', `${'a'.repeat(256)}z`), false)
  })

  test('takes linear time, whatever it is', () => {
    const started = process.cpuUsage().user
    for (let line = 0; line < 100; line += 1) beginsWith('start=(((a*)*)*)*b', 'a'.repeat(256))
    assert.ok(process.cpuUsage().user - started < 5_000_000) // an engine that tries all ways would take years
  })

  test('for a container goes before that for its pod, and an invalid one counts for nothing', () => {
    const annotations = {
      'loggy.io/multiline': 'off',
      'loggy.io/multiline.app': 'indented',
      'loggy.io/multiline.web': '?',
    }
    assert.deepEqual(multilineHint({ annotations }, 'app'), {
      multiline: 'indented',
      rule: 'loggy.io/multiline.app: "indented"',
    })
    assert.deepEqual(multilineHint({ annotations }, 'web'), { multiline: 'off', rule: 'loggy.io/multiline: "off"' })
    assert.equal(multilineHint({ annotations: {} }, 'web'), undefined)
    assert.equal(multilineHint(undefined, 'web'), undefined)
  })

  test('is one of Loggy, for any container', () => {
    assert.equal(isContainerHint('loggy.io/multiline.app', hints.multiline), true)
    assert.equal(isContainerHint('loggy.io/multilines', hints.multiline), false)
  })
})
