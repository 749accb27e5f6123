import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { PodRecord } from '../../src/model/pod-record.ts'
import { describeHint, hintDigest, invalidHints, shownValue } from '../../src/select/hint-rules.ts'
import { Tenants } from '../../src/select/tenant.ts'
import { anyText } from '../support/any-text.ts'
import { podWith } from '../support/pod.ts'

const tenants = new Tenants({ name: '', allow: ['team-*'] })

const expectedOf = (annotations: Record<string, string>) =>
  invalidHints(podWith(annotations), tenants).map(({ annotation, expected }) => [annotation, expected])

describe('the hints of a pod that are ignored', () => {
  test('are those whose value is not understood', () => {
    const wrong = { 'loggy.io/exclude': 'yes', 'loggy.io/include': 'True', 'loggy.io/exclude-containers': 'a,,b' }
    assert.deepEqual(expectedOf({ ...wrong, 'loggy.io/tenant': 'other', 'loggy.io/dataset': 'team-a' }), [
      ['loggy.io/exclude', '"true" or "false"'],
      ['loggy.io/include', '"true" or "false"'],
      ['loggy.io/exclude-containers', 'container names or globs, separated by commas'],
      ['loggy.io/tenant', 'a tenant that `sink.tenant.allow` names'],
      ['loggy.io/dataset', 'a dataset that `sink.dataStream.allow` names'],
    ])
  })

  test('are not those that are understood, nor annotations of others', () => {
    const good = {
      'loggy.io/tenant': 'team-a',
      'loggy.io/exclude': 'false',
      'loggy.io/include': 'true',
      'loggy.io/exclude-containers': 'a, b-*',
    }
    assert.deepEqual(
      invalidHints(podWith({ ...good, 'e2e.loggy.io/x': '1', 'loggy.iox/y': '1', exclude: '1' }), tenants),
      [],
    )
  })

  test('are those whose key is not known, with the key that was meant, if one was', () => {
    const known =
      'loggy.io/exclude, loggy.io/exclude-containers, loggy.io/include, loggy.io/tenant, loggy.io/dataset, loggy.io/multiline, loggy.io/redact, loggy.io/limit'
    const cases = {
      'loggy.io/exlude': 'the key loggy.io/exclude',
      'loggy.io/Include': 'the key loggy.io/include',
      'loggy.io/exclude-container': 'the key loggy.io/exclude-containers',
      'loggy.io/parser': `one of the keys ${known}`,
      'loggy.io/__proto__': `one of the keys ${known}`,
    }
    for (const [key, expected] of Object.entries(cases))
      assert.deepEqual(expectedOf({ [key]: 'true' }), [[key, expected]])
  })

  test('are those whose value is too long to be kept', () => {
    const pod: PodRecord = { ...podWith({}), longAnnotations: ['loggy.io/exclude-containers', 'state'] }
    const [hint, ...others] = invalidHints(pod, tenants)
    assert.ok(hint)
    assert.deepEqual(others, [])
    const what = 'the annotation loggy.io/exclude-containers, whose value is too long'
    assert.equal(describeHint(hint), `Loggy ignores ${what}; expected container names or globs, separated by commas`)
  })

  test('are eight at most: a pod has room for thousands', () => {
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`loggy.io/x${index}`, 'y']))
    assert.equal(invalidHints(podWith(many), tenants).length, 8)
  })
})

describe('the sentence for the owner', () => {
  const sentence = (value: string) =>
    describeHint({ annotation: 'loggy.io/exclude', value, expected: '"true" or "false"' })

  test('names annotation, value and what is expected', () => {
    assert.equal(sentence('yes'), 'Loggy ignores the annotation loggy.io/exclude: "yes"; expected "true" or "false"')
  })

  test('shows the beginning of a long value, whole characters of it', () => {
    assert.equal(shownValue('x'.repeat(64)), 'x'.repeat(64))
    assert.equal(shownValue('x'.repeat(65)), `${'x'.repeat(64)}…`)
    assert.equal(shownValue('😀'.repeat(64)), '😀'.repeat(64))
    assert.equal(shownValue('😀'.repeat(9000)), `${'😀'.repeat(64)}…`)
  })

  test('shows what could move a cursor or turn a line around as its code', () => {
    assert.equal(shownValue('a\u001b[31m\nb\u009b\u202ec\u2028'), 'a\\u{1b}[31m\\u{a}b\\u{9b}\\u{202e}c\\u{2028}')
    assert.equal(shownValue('\ud800x\udc00'), '\\u{d800}x\\u{dc00}')
  })

  test('is text that any terminal can print, of 1,024 bytes at most, whatever the annotation is', () => {
    const key = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 63 })
    const value = fc.oneof(anyText({ maxLength: 200 }), fc.constantFrom('\u{e0001}'.repeat(99), '\ud800'.repeat(99)))
    fc.assert(
      fc.property(key, value, (name, text) => {
        for (const hint of invalidHints(podWith({ [`loggy.io/${name}`]: text }), tenants)) {
          const message = describeHint(hint)
          assert.ok(Buffer.byteLength(message) <= 1024, message)
          assert.ok(message.isWellFormed())
          assert.doesNotMatch(message, /[\p{C}\p{Zl}\p{Zp}]/u)
        }
      }),
    )
  })
})

test('the digest of a hint is the same for the same pod, annotation and value, and for no other', () => {
  const pod = podWith({})
  const hint = { annotation: 'loggy.io/exclude', value: 'yes', expected: '' }
  const digest = hintDigest(pod, hint)
  assert.match(digest, /^[0-9a-f]{16}$/)
  assert.equal(hintDigest({ ...pod, labels: { app: 'web' } }, { ...hint, expected: 'other words' }), digest)
  const others = [
    hintDigest({ ...pod, uid: 'v' }, hint),
    hintDigest(pod, { ...hint, value: 'no' }),
    hintDigest(pod, { ...hint, annotation: 'loggy.io/include' }),
  ]
  assert.equal(new Set([digest, ...others]).size, 4)
})
