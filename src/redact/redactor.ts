import { hasBit } from '../lib/bits.ts'
import { PRESETS, type Preset, type RedactedBody, type Redactor } from '../model/redaction.ts'
import { findCards, isCard } from './cards.ts'
import { findCutEnds } from './cut-ends.ts'
import { findEmails } from './emails.ts'
import type { Finder, Finding } from './finding.ts'
import { findIps } from './ips.ts'
import { mapJson } from './json-body.ts'
import { findKnownTokens } from './known-tokens.ts'
import { createMarks, type Marks } from './marks.ts'
import { findNamedSecrets, isSecretName, isSecretValue } from './named-secrets.ts'
import { type NamedPattern, patternFinder, requiredLiteral } from './patterns.ts'
import { findPrivateKeys } from './private-keys.ts'
import { viewsOf } from './views.ts'

const FINDERS: Readonly<Record<Preset, readonly Finder[]>> = {
  cards: [findCards],
  emails: [findEmails],
  // In this order: of two findings at one place the first one counts.
  tokens: [findPrivateKeys, findKnownTokens, findNamedSecrets],
  ips: [findIps],
}
/** The rule for what is left of a secret where a record was cut. */
const CUT = 'cut'
const TOKENS = PRESETS.indexOf('tokens')
const CARDS = PRESETS.indexOf('cards')

export interface RedactorOptions {
  readonly patterns: readonly NamedPattern[]
  /** For marks with a hash; undefined for marks without. */
  readonly key: Uint8Array | undefined
}

interface Rule {
  readonly name: string
  readonly index: number
  readonly finders: readonly Finder[]
}

/** A finding in a text, and the rules that found something there. */
interface Ruled extends Finding {
  readonly rule: Rule
  readonly rules: number
}

type Looked = Parameters<Redactor['redact']>[1]

export function createRedactor({ patterns, key }: RedactorOptions): Redactor {
  const found = [
    ...PRESETS.map((name) => ({ name, finders: FINDERS[name] })),
    { name: CUT, finders: [findCutEnds] },
    ...patterns.map((named) => ({ name: named.name, finders: [patternFinder(named)] })),
  ]
  const rules = found.map((rule, index): Rule => ({ ...rule, index }))
  const marks = createMarks(key)
  return {
    rules: rules.map(({ name }) => name),
    literals: patterns.map(({ pattern }) => requiredLiteral(pattern)),
    redact: (body, looked) => new Redaction(lookedFor(rules, looked), marks).redact(body),
  }
}

function lookedFor(rules: readonly Rule[], { presets, usesPatterns, isCut }: Looked): readonly Rule[] {
  return rules.filter(({ name, index }) => {
    if (index < PRESETS.length) return hasBit(presets, index)
    return name === CUT ? isCut : usesPatterns
  })
}

/** What becomes of one body. */
class Redaction {
  readonly #rules: readonly Rule[]
  /** Without that for cut ends. */
  readonly #whole: readonly Rule[]
  readonly #marks: Marks
  #hits = 0

  constructor(rules: readonly Rule[], marks: Marks) {
    this.#rules = rules
    this.#whole = rules.filter(({ name }) => name !== CUT)
    this.#marks = marks
  }

  redact(body: string): RedactedBody | undefined {
    const text = mapJson(body, this.#inJson) ?? this.#text(body, this.#rules)
    return this.#hits === 0 ? undefined : { text, rules: this.#hits }
  }

  /** What is JSON as a whole was not cut within. */
  readonly #inJson = {
    text: (value: string, name: string | undefined): string => {
      const tokens = this.#ruleAt(TOKENS)
      if (tokens === undefined || name === undefined || !isSecretName(name) || !isSecretValue(name, value))
        return this.#text(value, this.#whole)
      return this.#mark(tokens, value)
    },
    /** Undefined for one that stays. */
    number: (digits: string, name: string | undefined): string | undefined => {
      const [tokens, cards] = [this.#ruleAt(TOKENS), this.#ruleAt(CARDS)]
      const isSecret = tokens !== undefined && name !== undefined && isSecretName(name) && !/token$/i.test(name)
      const rule = isSecret
        ? tokens
        : cards !== undefined && isCard(digits)
          ? cards
          : this.#rules.find(
              ({ index, finders }) => index > PRESETS.length && finders.some((find) => find(digits).length > 0),
            )
      if (rule === undefined) return undefined
      this.#hits |= 1 << rule.index
      return this.#marks.number(rule.name, digits)
    },
  }

  #ruleAt(index: number): Rule | undefined {
    return this.#rules.find((rule) => rule.index === index)
  }

  #mark({ name, index }: Rule, secret: string): string {
    this.#hits |= 1 << index
    return this.#marks.text(name, secret)
  }

  #text(text: string, among: readonly Rule[]): string {
    let out = ''
    let at = 0
    for (const { start, end, rule, rules, secret } of findingsIn(text, among)) {
      out += text.slice(at, start) + this.#mark(rule, secret ?? text.slice(start, end))
      this.#hits |= rules
      at = end
    }
    return at === 0 ? text : out + text.slice(at)
  }
}

/** In order; what overlaps is one. */
function findingsIn(text: string, rules: readonly Rule[]): Ruled[] {
  const all: Ruled[] = []
  for (const { text: seen, places } of viewsOf(text))
    for (const rule of rules)
      for (const find of rule.finders) for (const found of find(seen)) all.push(placed(found, places, rule, seen))
  if (all.length < 2) return all
  all.sort((one, other) => one.start - other.start)
  const merged: Ruled[] = []
  for (const found of all) {
    const last = merged.at(-1)
    if (last === undefined || found.start >= last.end) merged.push(found)
    else merged[merged.length - 1] = union(last, found)
  }
  return merged
}

function placed({ start, end, secret }: Finding, places: Int32Array | undefined, rule: Rule, seen: string): Ruled {
  const source = (at: number) => places?.[at] ?? at
  // As it reads without its escapes, so that it has the same hash wherever it stands.
  const read = secret ?? seen.slice(start, end)
  return { start: source(start), end: source(end), secret: read, rule, rules: 1 << rule.index }
}

function union(one: Ruled, other: Ruled): Ruled {
  const rules = one.rules | other.rules
  if (other.end <= one.end && (other.start > one.start || other.end < one.end)) return { ...one, rules }
  if (one.start === other.start && one.end === other.end) return { ...one, rules }
  // Neither of them is the whole.
  const { secret: _, ...rest } = one
  return { ...rest, end: Math.max(one.end, other.end), rules }
}
