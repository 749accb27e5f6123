import { LoggyError } from '../lib/errors.ts'

/** A selector that cannot be parsed: where, and what was expected there. */
export class SelectorError extends LoggyError {
  override readonly name = 'SelectorError'
  /** Index of the character; the length of the text if it ends too early. */
  readonly position: number
  readonly expected: string

  constructor(text: string, { position, expected }: { readonly position: number; readonly expected: string }) {
    const found = position < text.length ? `"${text.slice(position, position + 20)}"` : 'the end'
    super('SELECTOR_INVALID', `expected ${expected} at character ${position + 1}, found ${found}`)
    this.position = position
    this.expected = expected
  }
}

/** A token of a selector: a symbol, a word (quoted or not), or the end. */
export interface Token {
  readonly kind: 'symbol' | 'word' | 'quoted' | 'end'
  /** For a quoted word: the text between the quotes, unescaped. */
  readonly text: string
  readonly position: number
}

/** Longest first, since the longest match wins, as in apimachinery's label lexer. */
const symbols = ['!=', '==', '=', '!', '(', ')', ',', '>', '<']
const space = /[ \t\r\n]*/y
const word = /[^ \t\r\n=!(),<>]+/y
const quoted = /"((?:[^"\\]|\\["\\nrt])*)"/y
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

/** Splits a selector into tokens; the last one is the end. Throws SelectorError. Without `quotes`, quotes have no special meaning. */
export function tokenize(text: string, options: { quotes: boolean }): Token[] {
  const tokens: Token[] = []
  let position = 0
  for (;;) {
    position += matchAt(space, { text, position })?.[0].length ?? 0
    if (position === text.length) return [...tokens, { kind: 'end', text: '', position }]
    const { token, length } = tokenAt(text, { position, ...options })
    tokens.push(token)
    position += length
  }
}

function tokenAt(
  text: string,
  { position, quotes }: { readonly position: number; readonly quotes: boolean },
): { token: Token; length: number } {
  const symbol = symbols.find((symbol) => text.startsWith(symbol, position))
  if (symbol !== undefined) return { token: { kind: 'symbol', text: symbol, position }, length: symbol.length }
  if (quotes && text[position] === '"') return quotedAt(text, position)
  const found = matchAt(word, { text, position })?.[0] ?? ''
  return { token: { kind: 'word', text: found, position }, length: found.length }
}

function quotedAt(text: string, position: number): { token: Token; length: number } {
  const found = matchAt(quoted, { text, position })
  if (found === null)
    throw new SelectorError(text, { position, expected: 'a closing quote, and after a backslash one of " \\ n r t' })
  const content = (found[1] ?? '').replace(/\\(.)/g, (_, letter: string) => escapes[letter] ?? letter)
  return { token: { kind: 'quoted', text: content, position }, length: found[0].length }
}

function matchAt(
  pattern: RegExp,
  { text, position }: { readonly text: string; readonly position: number },
): RegExpExecArray | null {
  pattern.lastIndex = position
  return pattern.exec(text)
}
