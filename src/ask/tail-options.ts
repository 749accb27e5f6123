import {
  type FlagValues,
  type Given,
  oneOf,
  type ParsedArguments,
  readArguments,
  refusePositionals,
  type ValueParser,
} from '../lib/arguments.ts'
import { LEVELS } from '../model/level.ts'
import { parseSelector } from '../select/selector.ts'
import { type ColorChoice, colorChoices } from '../view/color.ts'
import { type Access, accessArguments, accessUsage, readAccess } from './access.ts'

export const tailUsage = `Usage: loggy tail [options]

Shows new entries of all nodes, in the order of their times. Each node's agent filters its own entries. Agents are called through the API
server:
  loggy tail -l app=web -A team=payments

  -l, --labels SELECTOR      pods whose labels match: app=web,tier!=cache · 'app in (web,api)' · '!canary'
  -A, --annotations SELECTOR pods whose annotations match: the same grammar
  -n, --namespace GLOB       namespaces, such as shop or 'team-*'
      --pod GLOB             pods
      --container GLOB       containers
      --min-level LEVEL      entries of this level or above (trace, debug, info, warn, error, fatal), and those without one
      --grep TEXT            entries whose log text holds this, case-sensitive
  -o, --output FORMAT        text (default), wide, or json: each entry unchanged
      --color WHEN           auto (default), always or never
      --utc                  times in UTC, not in this machine's time zone
${accessUsage}  -h, --help                 this text

Entries are shown a quarter of a second late, so that earlier ones of other nodes can come first. If an agent has to drop entries, because it
or the connection is too slow, standard error says how many.
`

const outputs = ['text', 'wide', 'json'] as const

export interface TailOptions {
  /** Query of each agent's `/api/tail`. */
  readonly query: Readonly<Record<string, string>>
  readonly output: (typeof outputs)[number]
  readonly color: ColorChoice
  readonly utc: boolean
  readonly access: Access
}

const tailFlags = {
  labels: { type: 'string', short: 'l', multiple: true },
  annotations: { type: 'string', short: 'A', multiple: true },
  namespace: { type: 'string', short: 'n', multiple: true },
  pod: { type: 'string', multiple: true },
  container: { type: 'string', multiple: true },
  'min-level': { type: 'string' },
  grep: { type: 'string', multiple: true },
  output: { type: 'string', short: 'o' },
  color: { type: 'string' },
  utc: { type: 'boolean' },
  ...accessArguments,
} as const

/** Parses the arguments after `tail`. */
export function parseTailArguments(argv: readonly string[]): ParsedArguments<TailOptions> {
  return readArguments(argv, { flags: tailFlags, read: readOptions })
}

function readOptions(given: Given<typeof tailFlags>): TailOptions {
  refusePositionals(given)
  const { values, parsed } = given
  return {
    query: readQuery(values, parsed),
    output: parsed('output', values.output, (text) => oneOf(outputs, text)) ?? 'text',
    color: parsed('color', values.color, (text) => oneOf(colorChoices, text)) ?? 'auto',
    utc: values.utc ?? false,
    access: readAccess(values, parsed),
  }
}

/** The query for the agents, with the given options only. */
function readQuery(values: FlagValues<typeof tailFlags>, parsed: ValueParser): Record<string, string> {
  // If a selector is given twice, both must match, as with a comma.
  const given = {
    labels: parsed('labels', values.labels?.join(','), (text) => parseSelector(text, { values: 'label' }).text),
    annotations: parsed(
      'annotations',
      values.annotations?.join(','),
      (text) => parseSelector(text, { values: 'annotation' }).text,
    ),
    namespace: parsed('namespace', values.namespace?.join(','), oneGlob),
    pod: parsed('pod', values.pod?.join(','), oneGlob),
    container: parsed('container', values.container?.join(','), oneGlob),
    minLevel: parsed('min-level', values['min-level'], (text) => oneOf(LEVELS, text)),
    grep: parsed('grep', values.grep?.join('\n'), oneText),
  }
  return Object.fromEntries(Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined))
}

/** Only one name or glob: with a mistyped list nothing would match, and the output would stay empty. */
function oneGlob(text: string): string {
  if (!/^[-.*?a-z0-9]+$/.test(text)) throw new Error('expected one name or glob')
  return text
}

function oneText(text: string): string {
  if (text === '' || text.includes('\n')) throw new Error('expected one text, within a line')
  return text
}
