// biome-ignore lint/suspicious/noControlCharactersInRegex: this file is about control characters.
const sgrSequence = /\x1b\[[0-9:;]*m/g

/**
 * Characters that can move the cursor, switch a terminal's modes, or change the reading direction: C0 controls (except tab),
 * DEL and C1 controls, the line and paragraph separators, and Unicode's bidirectional controls (UAX #9).
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
const unsafeCharacter = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/
const unsafeCharacters = new RegExp(unsafeCharacter, 'g')

/**
 * Log text made safe for a terminal, on one line: colour sequences (SGR) are removed, and every other control character
 * becomes a visible escape such as `\x07` or `\u202e`.
 */
export function terminalText(text: string): string {
  // Most text is safe. A test costs a third of a replacement that finds nothing.
  if (!unsafeCharacter.test(text)) return text
  return text.replace(sgrSequence, '').replace(unsafeCharacters, escapeCharacter)
}

function escapeCharacter(character: string): string {
  if (character === '\n') return '\\n'
  if (character === '\r') return '\\r'
  const hex = character.charCodeAt(0).toString(16)
  return hex.length <= 2 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`
}
