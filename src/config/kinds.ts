import { isAbsolute } from 'node:path'
import * as v from 'valibot'
import { parseByteSize } from '../lib/byte-size.ts'
import { parseSelector, SelectorError } from '../select/selector.ts'
import { parseDuration } from './duration.ts'

/** How the values of an option are documented and parsed. */
export type Kind = {
  /** Shown in the table of options. */
  readonly type: string
  /** Placeholder for the value in `--help`. */
  readonly placeholder: string
  /** For a fault: "expected …". */
  readonly expected: string
  /** How the text of a variable or flag becomes the value that a file would contain. */
  readonly form: 'text' | 'list' | 'map' | 'boolean'
}

/** An absolute path. */
export function absolutePath() {
  const expected = 'an absolute path'
  return v.pipe(
    v.string(expected),
    v.check((path) => isAbsolute(path) && !path.includes('\0'), expected),
    kind({ type: 'path', placeholder: 'PATH', expected }),
  )
}

/** A path, or empty for none. */
export function optionalPath() {
  const expected = 'a path, or empty'
  return v.pipe(v.string(expected), v.excludes('\0', expected), kind({ type: 'path', placeholder: 'PATH', expected }))
}

/** A host name, or empty for none. */
export function serverName() {
  const expected = 'the name of a host, or empty'
  return v.pipe(
    v.string(expected),
    v.regex(/^[\w.-]{0,253}$/, expected),
    kind({ type: 'name', placeholder: 'NAME', expected }),
  )
}

/** A node's name; excludes all characters that would end the value in a field selector. */
export function nodeName() {
  const expected = 'the name of a node'
  return v.pipe(
    v.string(expected),
    v.regex(/^[\w.-]{1,253}$/, expected),
    kind({ type: 'name', placeholder: 'NAME', expected }),
  )
}

/** Globs for names; in variables and flags separated by commas. */
export function globList() {
  const expected = 'a list of globs, such as ["web-*", "api"]'
  return v.pipe(
    v.array(v.pipe(v.string(expected), v.regex(/^[^\s,]+$/, expected)), expected),
    kind({ type: 'globs', placeholder: 'GLOBS', expected, form: 'list' }),
  )
}

/** A selector in the Kubernetes grammar; checked, but kept as text. */
export function selector(values: 'label' | 'annotation') {
  const expected = 'a selector, such as "app in (web,api),tier!=cache"'
  return v.pipe(
    v.string(expected),
    v.rawCheck(({ dataset, addIssue }) => {
      const fault = dataset.typed ? selectorFault(dataset.value, values) : undefined
      if (fault !== undefined) addIssue({ message: `${expected} (${fault})` })
    }),
    kind({ type: 'selector', placeholder: 'SELECTOR', expected }),
  )
}

/** A duration within limits; converted from text to milliseconds. */
export function duration(minimum: string, maximum: string) {
  const expected = `a duration from ${minimum} to ${maximum}, such as 500ms, 5s or 1m30s`
  return v.pipe(
    v.string(expected),
    v.transform(parseDuration),
    within([parseDuration(minimum), parseDuration(maximum)], expected),
    kind({ type: `duration, ${minimum} to ${maximum}`, placeholder: 'DURATION', expected }),
  )
}

/** A size within limits; converted from a number or a Kubernetes quantity to bytes. */
export function byteSize(minimum: string, maximum: string) {
  const expected = `a size in bytes from ${minimum} to ${maximum}, such as 65536 or 64Ki`
  return v.pipe(
    v.union([v.string(), v.number()], expected),
    v.transform(parseByteSize),
    within([parseByteSize(minimum), parseByteSize(maximum)], expected),
    kind({ type: `size, ${minimum} to ${maximum}`, placeholder: 'SIZE', expected }),
  )
}

/** A whole number within limits; digits in variables and flags. */
export function count(minimum: number, maximum: number) {
  const expected = `a whole number from ${minimum} to ${maximum}`
  return v.pipe(
    v.union([v.string(), v.number()], expected),
    v.transform((value) => (/^\d+$/.test(String(value)) ? Number(value) : Number.NaN)),
    within([minimum, maximum], expected),
    kind({ type: `number, ${minimum} to ${maximum}`, placeholder: 'NUMBER', expected }),
  )
}

/** A URL to post to. Without credentials: they would appear wherever the URL is shown. */
export function httpUrl() {
  return urlOf(/^https?:$/, 'an http:// or https:// URL without user, password and fragment')
}

/** A URL that gets a token. */
export function httpsUrl() {
  return urlOf(/^https:$/, 'an https:// URL without user, password and fragment')
}

function urlOf(protocols: RegExp, expected: string) {
  return v.pipe(
    v.string(expected),
    v.check((text) => {
      const url = URL.parse(text)
      return url !== null && protocols.test(url.protocol) && url.username + url.password + url.hash === ''
    }, expected),
    kind({ type: 'URL', placeholder: 'URL', expected }),
  )
}

/** Headers of the connection itself, which a fixed value would break. */
const CONNECTION_HEADERS =
  /^(?:connection|content-encoding|content-length|expect|keep-alive|te|trailer|transfer-encoding|upgrade)$/i

/** Request headers by name; in variables and flags `Name=value`, separated by commas. `without`: the name of one that is fixed, in small letters. */
export function headerMap({ without }: { readonly without?: string } = {}) {
  const expected = `a map of request headers to texts, such as { X-Scope-OrgID: shop }, none of them about the connection${without === undefined ? '' : `, nor ${without}`}`
  const name = v.pipe(
    v.string(expected),
    v.check((text) => isHeaderName(text) && text.toLowerCase() !== without, expected),
  )
  const value = v.pipe(v.string(expected), v.regex(/^[\t\x20-\x7e\x80-\xff]*$/, expected))
  return v.pipe(
    v.record(name, value, expected),
    kind({ type: 'headers', placeholder: 'HEADERS', expected, form: 'map' }),
  )
}

function isHeaderName(text: string): boolean {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(text) && !CONNECTION_HEADERS.test(text)
}

/** A text of one line, or empty for none. */
export function text(placeholder: string) {
  const expected = 'a text of at most 253 characters on one line'
  return v.pipe(v.string(expected), v.regex(/^\P{C}{0,253}$/u, expected), kind({ type: 'text', placeholder, expected }))
}

/** Names that Loggy itself uses in entries, and which are not allowed for other fields. */
const OWN_FIELDS = new Set(
  'id time stream log json level kubernetes cluster partial truncated originalBytes malformed lost sampled lines redacted deadLetter'.split(
    ' ',
  ),
)

/** Fields of each entry by name; in variables and flags `name=value`, separated by commas. */
export function fieldMap() {
  const expected = "a map of names to texts, such as { team: payments }, none of them the name of an entry's own field"
  const name = v.pipe(
    v.string(expected),
    v.check((field) => /^[\w.@/-]{1,253}$/.test(field) && !OWN_FIELDS.has(field), expected),
  )
  return v.pipe(
    v.record(name, v.string(expected), expected),
    kind({ type: 'fields', placeholder: 'FIELDS', expected, form: 'map' }),
  )
}

/** The name of a request header. */
export function headerName() {
  const expected = 'the name of a request header that is not about the connection'
  return v.pipe(
    v.string(expected),
    v.check(isHeaderName, expected),
    kind({ type: 'header', placeholder: 'NAME', expected }),
  )
}

/** A user's name for basic authentication, or empty for none. RFC 7617 allows no colon. */
export function userName() {
  const expected = 'a text of at most 253 characters on one line, without a colon'
  return v.pipe(
    v.string(expected),
    v.regex(/^(?:(?!:)\P{C}){0,253}$/u, expected),
    kind({ type: 'text', placeholder: 'NAME', expected }),
  )
}

/** A part of the name of an Elasticsearch data stream: no hyphen, and nothing that an index name may not have. */
export function dataStreamPart(placeholder: string) {
  const expected = '1 to 100 of the characters a-z, 0-9, _ and .'
  return v.pipe(
    v.string(expected),
    v.regex(/^[a-z0-9_.]{1,100}$/, expected),
    kind({ type: 'name', placeholder, expected }),
  )
}

/** True or false. */
export function boolean() {
  const expected = 'true or false'
  return v.pipe(v.boolean(expected), kind({ type: expected, placeholder: 'BOOLEAN', expected, form: 'boolean' }))
}

/** One of some words. `advice`: why no others. */
export function choice<const Words extends readonly string[]>(words: Words, advice = '') {
  const expected = words.join(' or ') + advice
  return v.pipe(v.picklist(words, expected), kind({ type: words.join(' or '), placeholder: words.join('|'), expected }))
}

/** What is documented of a value's kind. */
export function kind<Input>({ form = 'text', ...rest }: Omit<Kind, 'form'> & { form?: Kind['form'] }) {
  return v.metadata<Input, Kind>({ form, ...rest })
}

/** A limit that is not a number makes all values invalid, so that a typo in the schema cannot widen a range. */
function within([minimum = Number.NaN, maximum = Number.NaN]: readonly (number | undefined)[], expected: string) {
  return v.pipe(v.number(expected), v.minValue(minimum, expected), v.maxValue(maximum, expected))
}

function selectorFault(text: string, values: 'label' | 'annotation'): string | undefined {
  try {
    parseSelector(text, { values })
    return undefined
  } catch (error) {
    if (error instanceof SelectorError) return error.message
    throw error
  }
}
