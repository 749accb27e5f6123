import {
  type Flags,
  type FlagValues,
  flagsHelp,
  type Given,
  oneOf,
  type ParsedArguments,
  readArguments,
  type ValueParser,
} from '../lib/arguments.ts'
import { globs, type NameMatch } from '../lib/glob.ts'
import { LEVELS } from '../model/level.ts'
import { STREAM_NAMES } from '../model/stream-name.ts'
import { parseSelector } from '../select/selector.ts'
import { type ColorChoice, colorChoices } from './color.ts'
import { levelFlags, outputFlags, outputs, selectorFlags } from './entry-flags.ts'
import { createFilter, type EntryFilter, type FilterTerms } from './filter.ts'
import { parseSince } from './time.ts'

export const viewFlags = {
  follow: { type: 'boolean', short: 'f', help: 'keep reading as FILE grows, also when it is replaced or truncated' },
  ...selectorFlags,
  namespace: {
    type: 'string',
    short: 'n',
    value: 'GLOBS',
    multiple: true,
    offers: 'namespace',
    help: 'namespaces, such as shop,team-*',
  },
  pod: { type: 'string', value: 'GLOBS', multiple: true, help: 'pods' },
  container: { type: 'string', short: 'c', value: 'GLOBS', multiple: true, help: 'containers' },
  stream: { type: 'string', value: 'NAME', choices: STREAM_NAMES, help: 'stdout or stderr' },
  ...levelFlags,
  grep: { type: 'string', value: 'REGEX', help: 'entries whose log text matches' },
  'ignore-case': { type: 'boolean', help: '--grep ignores upper and lower case' },
  since: {
    type: 'string',
    value: 'WHEN',
    help: 'entries not older than 10m, 1h30m, 2d, or than 2026-11-22T07:00:00Z',
  },
  ...outputFlags,
  agent: { type: 'boolean', help: "the agent's own log lines too" },
} as const satisfies Flags

export const viewUsage = `Usage: loggy view [FILE|-] [options]

Shows the entries that loggy writes, for people. Reads FILE, or standard input:
  kubectl logs -n loggy -l app.kubernetes.io/name=loggy -f | loggy view -l app=web -A team=payments

${flagsHelp(viewFlags)}`

export interface ViewOptions {
  /** Undefined: standard input. */
  readonly file: string | undefined
  readonly follow: boolean
  readonly filter: EntryFilter | undefined
  readonly output: (typeof outputs)[number]
  readonly color: ColorChoice
  readonly utc: boolean
  readonly showAgent: boolean
}

/** Parses the arguments after `view`. `nowMs`, since 1970: a duration given to --since counts back from it. */
export function parseViewArguments(argv: readonly string[], nowMs: number): ParsedArguments<ViewOptions> {
  return readArguments(argv, { flags: viewFlags, read: (given) => readOptions(given, nowMs) })
}

type Values = FlagValues<typeof viewFlags>

function readOptions({ values, positionals, parsed, faults }: Given<typeof viewFlags>, nowMs: number): ViewOptions {
  if (positionals.length > 1) faults.push(`expected one FILE, got ${positionals.length}: ${positionals.join(' ')}`)
  return {
    file: positionals[0] === '-' ? undefined : positionals[0],
    follow: values.follow ?? false,
    filter: createFilter(filterTerms(values, { parsed, nowMs })),
    output: parsed('output', values.output, (text) => oneOf(outputs, text)) ?? 'text',
    color: parsed('color', values.color, (text) => oneOf(colorChoices, text)) ?? 'auto',
    utc: values.utc ?? false,
    showAgent: values.agent ?? false,
  }
}

function filterTerms(
  values: Values,
  { parsed, nowMs }: { readonly parsed: ValueParser; readonly nowMs: number },
): FilterTerms {
  const flags = values['ignore-case'] ? 'i' : ''
  return {
    labels: parsed('selector', joined(values.selector, values.labels), (text) =>
      parseSelector(text, { values: 'label' }),
    ),
    annotations: parsed('annotations', joined(values.annotations), (text) =>
      parseSelector(text, { values: 'annotation' }),
    ),
    namespace: parsed('namespace', joined(values.namespace), nameMatch),
    pod: parsed('pod', joined(values.pod), nameMatch),
    container: parsed('container', joined(values.container), nameMatch),
    stream: parsed('stream', values.stream, (text) => oneOf(STREAM_NAMES, text)),
    minLevel: parsed('min-level', values['min-level'], (text) => oneOf(LEVELS, text)),
    grep: parsed('grep', values.grep, (text) => new RegExp(text, flags)),
    sinceMs: parsed('since', values.since, (text) => since(text, nowMs)),
  }
}

/** Joins an option that is given more than once with commas: all selectors must match, but only one of the names. */
function joined(...lists: readonly (readonly string[] | undefined)[]): string | undefined {
  const texts = lists.flatMap((list) => list ?? [])
  return texts.length === 0 ? undefined : texts.join(',')
}

function nameMatch(text: string): NameMatch {
  const patterns = text.split(',').map((pattern) => pattern.trim())
  if (patterns.includes('')) throw new Error('expected names or globs, separated by commas')
  return globs(patterns)
}

function since(text: string, nowMs: number): number {
  const time = parseSince(text, nowMs)
  if (time === undefined)
    throw new Error('expected a duration such as 10m or 1h30m, or a time such as 2026-11-22T07:00:00Z')
  return time
}
