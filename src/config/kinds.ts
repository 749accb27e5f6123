import { isAbsolute } from 'node:path'
import * as v from 'valibot'
import { parseSelector, SelectorError } from '../kube/selector.ts'
import { parseByteSize } from './byte-size.ts'
import { parseDuration } from './duration.ts'

/** What is said about the values of an option. */
export type Kind = {
  /** For the table of options. */
  readonly type: string
  /** Stands for the value in `--help`. */
  readonly placeholder: string
  /** For a fault: "expected …". */
  readonly expected: string
  /** How the text of a variable or flag is read into what a file would hold. */
  readonly form: 'text' | 'list' | 'boolean'
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

/** A node's name; nothing that would end the value in a field selector. */
export function nodeName() {
  const expected = 'the name of a node'
  return v.pipe(
    v.string(expected),
    v.regex(/^[\w.-]{1,253}$/, expected),
    kind({ type: 'name', placeholder: 'NAME', expected }),
  )
}

/** Globs over names; as text they are separated by commas. */
export function globList() {
  const expected = 'a list of globs, such as ["web-*", "api"]'
  return v.pipe(
    v.array(v.pipe(v.string(expected), v.regex(/^[^\s,]+$/, expected)), expected),
    kind({ type: 'globs', placeholder: 'GLOBS', expected, form: 'list' }),
  )
}

/** A selector in the Kubernetes grammar, kept as text once it is known to parse. */
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

/** A length of time within bounds; text in, milliseconds out. */
export function duration(minimum: string, maximum: string) {
  const expected = `a duration from ${minimum} to ${maximum}, such as 500ms, 5s or 1m30s`
  return v.pipe(
    v.string(expected),
    v.transform(parseDuration),
    within([parseDuration(minimum), parseDuration(maximum)], expected),
    kind({ type: `duration, ${minimum} to ${maximum}`, placeholder: 'DURATION', expected }),
  )
}

/** An amount of bytes within bounds; a number or a Kubernetes quantity in, bytes out. */
export function byteSize(minimum: string, maximum: string) {
  const expected = `a size in bytes from ${minimum} to ${maximum}, such as 65536 or 64Ki`
  return v.pipe(
    v.union([v.string(), v.number()], expected),
    v.transform(parseByteSize),
    within([parseByteSize(minimum), parseByteSize(maximum)], expected),
    kind({ type: `size, ${minimum} to ${maximum}`, placeholder: 'SIZE', expected }),
  )
}

/** Yes or no. */
export function boolean() {
  const expected = 'true or false'
  return v.pipe(v.boolean(expected), kind({ type: expected, placeholder: 'BOOLEAN', expected, form: 'boolean' }))
}

/** One of a few words. */
export function choice<const Words extends readonly string[]>(words: Words) {
  const expected = words.join(' or ')
  return v.pipe(v.picklist(words, expected), kind({ type: expected, placeholder: words.join('|'), expected }))
}

function kind<Input>({ form = 'text', ...rest }: Omit<Kind, 'form'> & { form?: Kind['form'] }) {
  return v.metadata<Input, Kind>({ form, ...rest })
}

/** A bound that is no number lets nothing pass, so that a slip in the schema cannot widen a range. */
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
