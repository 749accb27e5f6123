import {
  type FlagValues,
  type Given,
  oneOf,
  type ParsedArguments,
  readArguments,
  type ValueParser,
} from '../lib/arguments.ts'
import { globs, type NameMatch } from '../lib/glob.ts'
import { LEVELS } from '../model/level.ts'
import { parseSelector } from '../select/selector.ts'
import { type ColorChoice, colorChoices } from './color.ts'
import { createFilter, type EntryFilter, type FilterTerms } from './filter.ts'
import { parseSince } from './time.ts'

export const viewUsage = `Usage: loggy view [FILE|-] [options]

Shows the entries that loggy writes, for people. Reads FILE, or standard input:
  kubectl logs -n loggy -l app.kubernetes.io/name=loggy -f | loggy view -l app=web -A team=payments

  -f, --follow               keep reading as FILE grows, also when it is replaced or truncated
  -l, --labels SELECTOR      pods whose labels match: app=web,tier!=cache · 'app in (web,api)' · '!canary'
  -A, --annotations SELECTOR pods whose annotations match: the same grammar
  -n, --namespace GLOBS      namespaces, such as shop,team-*
      --pod GLOBS            pods
      --container GLOBS      containers
      --stream NAME          stdout or stderr
      --min-level LEVEL      entries of this level or above (trace, debug, info, warn, error, fatal), and those without one
      --grep REGEX           entries whose log text matches
      --ignore-case          --grep ignores upper and lower case
      --since WHEN           entries not older than 10m, 1h30m, 2d, or than 2026-11-22T07:00:00Z
  -o, --output FORMAT        text (default), wide, or json: each entry unchanged
      --color WHEN           auto (default), always or never
      --utc                  times in UTC, not in this machine's time zone
      --agent                the agent's own log lines too
  -h, --help                 this text
`

const outputs = ['text', 'wide', 'json'] as const
const streams = ['stdout', 'stderr'] as const

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

const viewFlags = {
  follow: { type: 'boolean', short: 'f' },
  labels: { type: 'string', short: 'l', multiple: true },
  annotations: { type: 'string', short: 'A', multiple: true },
  namespace: { type: 'string', short: 'n', multiple: true },
  pod: { type: 'string', multiple: true },
  container: { type: 'string', multiple: true },
  stream: { type: 'string' },
  'min-level': { type: 'string' },
  grep: { type: 'string' },
  'ignore-case': { type: 'boolean' },
  since: { type: 'string' },
  output: { type: 'string', short: 'o' },
  color: { type: 'string' },
  utc: { type: 'boolean' },
  agent: { type: 'boolean' },
} as const

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
    labels: parsed('labels', joined(values.labels), (text) => parseSelector(text, { values: 'label' })),
    annotations: parsed('annotations', joined(values.annotations), (text) =>
      parseSelector(text, { values: 'annotation' }),
    ),
    namespace: parsed('namespace', joined(values.namespace), nameMatch),
    pod: parsed('pod', joined(values.pod), nameMatch),
    container: parsed('container', joined(values.container), nameMatch),
    stream: parsed('stream', values.stream, (text) => oneOf(streams, text)),
    minLevel: parsed('min-level', values['min-level'], (text) => oneOf(LEVELS, text)),
    grep: parsed('grep', values.grep, (text) => new RegExp(text, flags)),
    sinceMs: parsed('since', values.since, (text) => since(text, nowMs)),
  }
}

/** Joins an option that is given more than once with commas: all selectors must match, but only one of the names. */
function joined(texts: readonly string[] | undefined): string | undefined {
  return texts?.join(',')
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
