import { SelectorError, type Token, tokenize } from './selector-tokens.ts'

export { SelectorError }

/** A parsed label or annotation selector. */
export interface Selector {
  /** The original text. */
  readonly text: string
  /** An empty selector matches everything. */
  readonly isEmpty: boolean
  /** The keys of its requirements. */
  readonly keys: readonly string[]
  matches(values: Readonly<Record<string, string>>): boolean
}

/** The allowed values: a label's have at most 63 plain characters, an annotation's can be any text. */
export interface SelectorOptions {
  readonly values: 'label' | 'annotation'
}

type Requirement = (values: Readonly<Record<string, string>>) => boolean

/**
 * Parses a selector in the grammar of Kubernetes; throws SelectorError. Keys must be qualified names in both kinds. Annotation values
 * may be double-quoted (escapes: `\"` `\\` `\n` `\r` `\t`), to contain spaces, commas and the grammar's symbols.
 * Source: apimachinery, `pkg/labels/selector.go`.
 */
export function parseSelector(text: string, options: SelectorOptions = { values: 'label' }): Selector {
  const parser = new Parser(text, options.values)
  const requirements = parser.requirements()
  return {
    text,
    isEmpty: requirements.length === 0,
    keys: parser.keys,
    matches: (values) => requirements.every((requirement) => requirement(values)),
  }
}

/** A DNS subdomain: the optional prefix of a key. */
const prefixPattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const namePattern = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/
const integerPattern = /^[+-]?[0-9]{1,63}$/

class Parser {
  readonly #text: string
  readonly #values: SelectorOptions['values']
  readonly #tokens: readonly Token[]
  #next = 0
  readonly keys: string[] = []

  constructor(text: string, values: SelectorOptions['values']) {
    this.#text = text
    this.#values = values
    this.#tokens = tokenize(text, { quotes: values === 'annotation' })
  }

  requirements(): Requirement[] {
    if (this.#peek().kind === 'end') return []
    const requirements = [this.#requirement()]
    while (this.#take(',')) requirements.push(this.#requirement())
    if (this.#peek().kind !== 'end') this.#fail("',' or the end")
    return requirements
  }

  #requirement(): Requirement {
    if (this.#take('!')) {
      const key = this.#key()
      return (values) => ownValue(values, key) === undefined
    }
    const key = this.#key()
    if (this.#peek().kind === 'end' || this.#isSymbol(',')) return (values) => ownValue(values, key) !== undefined
    return this.#comparison(key)
  }

  /** If the key is absent, only `!=` and `notin` match. */
  #comparison(key: string): Requirement {
    if (this.#take('=') || this.#take('==')) return isOneOf(key, [this.#exactValue()])
    if (this.#take('!=')) return not(isOneOf(key, [this.#exactValue()]))
    if (this.#take('>')) return compares(key, greaterThan(this.#integer()))
    if (this.#take('<')) return compares(key, lessThan(this.#integer()))
    if (this.#take('in')) return isOneOf(key, this.#valueList())
    if (this.#take('notin')) return not(isOneOf(key, this.#valueList()))
    return this.#fail('=, ==, !=, in, notin, >, <, a comma or the end')
  }

  #key(): string {
    const token = this.#peek()
    if (token.kind !== 'word') this.#fail('a key')
    if (!isQualifiedName(token.text)) {
      this.#fail('a key of at most 63 letters, digits, "-", "_" and ".", with an optional DNS prefix before a "/"')
    }
    this.#next += 1
    this.keys.push(token.text)
    return token.text
  }

  /** `key=` and `key=,other` compare with the empty value. */
  #exactValue(): string {
    if (this.#peek().kind === 'end' || this.#isSymbol(',')) return ''
    return this.#value('a value')
  }

  #integer(): bigint {
    const limit = integerOf(this.#peek().text) ?? this.#fail('a whole number of 64 bits')
    this.#value('a whole number of 64 bits')
    return limit
  }

  /** `(a,,b)` and `(a,b,)` contain the empty value. `()` has no value and is an error. */
  #valueList(): string[] {
    if (!this.#take('(')) this.#fail("'('")
    if (this.#isSymbol(')')) this.#fail('at least one value')
    const values: string[] = []
    do values.push(this.#isSymbol(',') || this.#isSymbol(')') ? '' : this.#value("a value, ',' or ')'"))
    while (this.#take(','))
    if (!this.#take(')')) this.#fail("',' or ')'")
    return values
  }

  #value(expected: string): string {
    const token = this.#peek()
    if (token.kind !== 'word' && token.kind !== 'quoted') this.#fail(expected)
    if (this.#values === 'label' && !isLabelValue(token.text)) {
      this.#fail(
        'a label value of at most 63 letters, digits, "-", "_" and ".", beginning and ending with a letter or digit',
      )
    }
    this.#next += 1
    return token.text
  }

  #peek(): Token {
    const token = this.#tokens[this.#next]
    if (token === undefined) throw new RangeError('read past the end of a selector')
    return token
  }

  #isSymbol(text: string): boolean {
    const token = this.#peek()
    return token.kind === 'symbol' && token.text === text
  }

  /** `in` and `notin` are operators only in their place; a key or a value may have these names. */
  #take(text: string): boolean {
    const token = this.#peek()
    const isFound = token.text === text && (token.kind === 'symbol' || token.kind === 'word')
    if (isFound) this.#next += 1
    return isFound
  }

  #fail(expected: string): never {
    throw new SelectorError(this.#text, { position: this.#peek().position, expected })
  }
}

function isQualifiedName(key: string): boolean {
  const slash = key.indexOf('/')
  const prefix = key.slice(0, Math.max(slash, 0))
  const name = key.slice(slash + 1)
  if (slash !== -1 && (prefix.length > 253 || !prefixPattern.test(prefix))) return false
  return name.length <= 63 && namePattern.test(name)
}

function isLabelValue(value: string): boolean {
  return value === '' || (value.length <= 63 && namePattern.test(value))
}

/** Own properties only: a key may be called `constructor`. */
function ownValue(values: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(values, key) ? values[key] : undefined
}

function isOneOf(key: string, accepted: readonly string[]): Requirement {
  const set = new Set<string | undefined>(accepted)
  return (values) => set.has(ownValue(values, key))
}

function not(requirement: Requirement): Requirement {
  return (values) => !requirement(values)
}

type Comparison = (value: bigint) => boolean

function greaterThan(limit: bigint): Comparison {
  return (value) => value > limit
}

function lessThan(limit: bigint): Comparison {
  return (value) => value < limit
}

function compares(key: string, compare: Comparison): Requirement {
  return (values) => {
    const value = integerOf(ownValue(values, key) ?? '')
    return value !== undefined && compare(value)
  }
}

/** Undefined if the text is not a whole number of 64 bits; then no comparison matches. */
function integerOf(text: string): bigint | undefined {
  if (!integerPattern.test(text)) return undefined
  const value = BigInt(text.replace('+', ''))
  return BigInt.asIntN(64, value) === value ? value : undefined
}
