import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { terminalText } from '../../src/view/terminal-text.ts'
import { anyText } from '../support/any-text.ts'

const cases: readonly (readonly [string, string, string])[] = [
  ['leaves plain text, tabs and other scripts alone', 'a\tб 日本 👍', 'a\tб 日本 👍'],
  ['leaves colour sequences out', '\x1b[1;32mok\x1b[0m \x1b[38:2::1:2:3mx\x1b[m', 'ok x'],
  ['shows a cursor movement', 'a\x1b[2Jb', 'a\\x1b[2Jb'],
  ['shows the start of a title or clipboard sequence', '\x1b]0;evil\x07', '\\x1b]0;evil\\x07'],
  ['shows an 8-bit control sequence introducer', '\u009b31m', '\\x9b31m'],
  ['shows line ends', 'a\r\nb\u2028c\u0085d', 'a\\r\\nb\\u2028c\\x85d'],
  ['shows NUL, backspace and DEL', '\0\b\x7f', '\\x00\\x08\\x7f'],
  ['shows bidirectional controls', 'a\u202eb\u2066c\u200fd', 'a\\u202eb\\u2066c\\u200fd'],
  ['shows what is left of a sequence taken apart by another', '\x1b\x1b[0m[2J', '\\x1b[2J'],
]
for (const [name, text, expected] of cases) {
  test(name, () => assert.equal(terminalText(text), expected))
}

test('lets no control character through, whatever the text', () => {
  const nasty = fc.constantFrom('\x1b', '[', '0', ';', 'm', '\u009b', '\u202e', '\n', 'x')
  fc.assert(
    fc.property(fc.array(fc.oneof(nasty, anyText())), (parts) => {
      assert.doesNotMatch(terminalText(parts.join('')), /[^\P{Cc}\t]|\p{Bidi_Control}|[\u2028\u2029]/u)
    }),
  )
})
