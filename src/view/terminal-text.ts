// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this file is about.
const sgrSequence = /\x1b\[[0-9:;]*m/g

/**
 * What can move the cursor, switch a terminal's modes, or make text read in another order than it is written: C0 (but for the tab),
 * DEL and C1 controls, the line and paragraph separators, and Unicode's bidirectional controls (UAX #9).
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
const unsafeCharacter = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/
const unsafeCharacters = new RegExp(unsafeCharacter, 'g')

/**
 * Text from a log made harmless for a terminal, on one line: colour sequences (SGR) are left out, every other control character
 * stands as a visible escape such as `\x07` or `\u202e`.
 */
export function terminalText(text: string): string {
  // Most text is clean; one test costs a third of a replacement that finds nothing to replace.
  if (!unsafeCharacter.test(text)) return text
  return text.replace(sgrSequence, '').replace(unsafeCharacters, escapeCharacter)
}

function escapeCharacter(character: string): string {
  if (character === '\n') return '\\n'
  if (character === '\r') return '\\r'
  const hex = character.charCodeAt(0).toString(16)
  return hex.length <= 2 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`
}
