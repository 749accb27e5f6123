import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { PRESETS, type Preset } from '../../src/model/redaction.ts'
import { isContainerHint } from '../../src/select/container-hint.ts'
import { hints } from '../../src/select/hint-names.ts'
import { presetsIn, redactHint } from '../../src/select/redact-hint.ts'

const bits = (...presets: Preset[]) => presets.reduce((all, preset) => all | (1 << PRESETS.indexOf(preset)), 0)

describe('an annotation on redaction', () => {
  test('names presets', () => {
    assert.equal(presetsIn('cards'), bits('cards'))
    assert.equal(presetsIn('ips, emails,tokens'), bits('ips', 'emails', 'tokens'))
  })

  test('counts for nothing with anything else in it', () => {
    for (const value of ['', 'off', 'none', 'cards,', '-cards', 'cards emails', 'Cards', 'cards,phones'])
      assert.equal(presetsIn(value), undefined, value)
  })

  test('adds for a container to what it adds for the pod', () => {
    const annotations = {
      'loggy.io/redact': 'emails',
      'loggy.io/redact.app': 'cards',
      'loggy.io/redact.web': 'off',
    }
    assert.deepEqual(redactHint({ annotations }, 'app'), {
      presets: bits('emails', 'cards'),
      rules: ['loggy.io/redact: "emails"', 'loggy.io/redact.app: "cards"'],
    })
    assert.equal(redactHint({ annotations }, 'web').presets, bits('emails'))
    assert.deepEqual(redactHint(undefined, 'app'), { presets: 0, rules: [] })
  })

  test('is one of Loggy, for any container', () => {
    assert.equal(isContainerHint('loggy.io/redact.app', hints.redact), true)
    assert.equal(isContainerHint('loggy.io/redacted', hints.redact), false)
  })
})
