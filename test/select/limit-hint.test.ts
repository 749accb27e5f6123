import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isContainerHint } from '../../src/select/container-hint.ts'
import { hints } from '../../src/select/hint-names.ts'
import { limitHint, limitIn } from '../../src/select/limit-hint.ts'

describe('an annotation with a limit', () => {
  test('says lines per second, bytes per second, or both', () => {
    assert.deepEqual(limitIn('linesPerSecond=100'), { linesPerSecond: 100, bytesPerSecond: Infinity })
    assert.deepEqual(limitIn('bytesPerSecond=64Ki, linesPerSecond=5'), { linesPerSecond: 5, bytesPerSecond: 65_536 })
  })

  test('is nothing with another value', () => {
    const wrong = ['', '100', 'linesPerSecond', 'linesPerSecond=', 'linesPerSecond=0', 'linesPerSecond=-1', 'lines=1']
    for (const value of [
      ...wrong,
      'linesPerSecond=1k',
      'linesPerSecond=1,linesPerSecond=2',
      'linesPerSecond=1;',
      'burst=1s',
    ])
      assert.equal(limitIn(value), undefined, value)
  })

  test('for a container goes before that for its pod, and an invalid one counts for nothing', () => {
    const annotations = {
      'loggy.io/limit': 'linesPerSecond=100',
      'loggy.io/limit.app': 'linesPerSecond=5',
      'loggy.io/limit.web': '?',
    }
    const ruleOf = (container: string) => limitHint({ annotations }, container)?.rule
    assert.deepEqual(['app', 'web', 'other'].map(ruleOf), ['loggy.io/limit.app', 'loggy.io/limit', 'loggy.io/limit'])
    assert.equal(limitHint({ annotations }, 'app')?.rate.linesPerSecond, 5)
    assert.equal(limitHint({ annotations: {} }, 'app'), undefined)
    assert.equal(limitHint(undefined, 'app'), undefined)
  })

  test('is one of Loggy, for any container', () => {
    assert.equal(isContainerHint('loggy.io/limit.app', hints.limit), true)
    assert.equal(isContainerHint('loggy.io/limits', hints.limit), false)
  })
})
