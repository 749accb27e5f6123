import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requiredLiteral } from '../../src/redact/patterns.ts'

test('a text that all has which a pattern matches is told, if it is easily told', () => {
  const cases: Readonly<Record<string, string | undefined>> = {
    'ORD-[0-9]{6}': 'ORD-',
    '[0-9]+ order ([a-z]+) paid': ' order ',
    'ab?cde+f': 'cde',
    'abc{2}de': 'abc',
    'a\\.b\\.c': 'a.b.c',
    '\\bcustomer\\d': 'customer',
    '(?:abc)?def': 'def',
    '(a|bcd)ef[)(]gh(i(j)k)': 'ef',
    '[[:alpha:]]abc[]x]d': 'abc',
    '\\x41bcd\\p{L}ef': 'bcd',
    'abc|def': undefined,
    'a(b|c)d': undefined,
    '(?i)order': undefined,
    '[0-9]{9}': undefined,
    '.*': undefined,
    a: undefined,
    'x*yy': 'yy',
    'é"/\\\\ab': 'ab',
    '\\Qa.b\\E': undefined,
  }
  for (const [pattern, literal] of Object.entries(cases)) assert.equal(requiredLiteral(pattern), literal, pattern)
})
