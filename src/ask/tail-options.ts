import {
  type FlagValues,
  type Given,
  oneOf,
  type ParsedArguments,
  readArguments,
  refusePositionals,
  type ValueParser,
} from '../lib/arguments.ts'
import { parseSelector } from '../select/selector.ts'
import { type ColorChoice, colorChoices } from '../view/color.ts'
import { type Access, accessArguments, accessUsage, readAccess } from './access.ts'

export const tailUsage = `Usage: loggy tail [options]

Shows the entries of all nodes from now on, in the order of their times. Each node's agent does the filtering; it is asked through the API
server:
  loggy tail -l app=web -A team=payments

  -l, --labels SELECTOR      pods whose labels match: app=web,tier!=cache · 'app in (web,api)' · '!canary'
  -A, --annotations SELECTOR pods whose annotations match: the same grammar
  -n, --namespace GLOB       namespaces, such as shop or 'team-*'
      --pod GLOB             pods
      --container GLOB       containers
      --grep TEXT            entries whose log text holds this, case-sensitive
  -o, --output FORMAT        text (default), wide, or json: each entry exactly as it came
      --color WHEN           auto (default), always or never
      --utc                  times in UTC, not in this machine's time zone
${accessUsage}  -h, --help                 this text

Entries are held back for a quarter of a second, for those of other nodes that were written before. What the agents leave out, because it
is more than they or the connection can pass on, is told on standard error.
`

const outputs = ['text', 'wide', 'json'] as const

export interface TailOptions {
  /** Of each agent's `/api/tail`. */
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

/** What the agents are asked; only what was given is in it. */
function readQuery(values: FlagValues<typeof tailFlags>, parsed: ValueParser): Record<string, string> {
  // A selector that is given twice means that both must match, like a comma.
  const asked = {
    labels: parsed('labels', values.labels?.join(','), (text) => parseSelector(text, { values: 'label' }).text),
    annotations: parsed(
      'annotations',
      values.annotations?.join(','),
      (text) => parseSelector(text, { values: 'annotation' }).text,
    ),
    namespace: parsed('namespace', values.namespace?.join(','), oneGlob),
    pod: parsed('pod', values.pod?.join(','), oneGlob),
    container: parsed('container', values.container?.join(','), oneGlob),
    grep: parsed('grep', values.grep?.join('\n'), oneText),
  }
  return Object.fromEntries(Object.entries(asked).filter((entry): entry is [string, string] => entry[1] !== undefined))
}

/** Agents are asked for one each, so that a mistyped list does not look like silence. */
function oneGlob(text: string): string {
  if (!/^[-.*?a-z0-9]+$/.test(text)) throw new Error('expected one name or glob')
  return text
}

function oneText(text: string): string {
  if (text === '' || text.includes('\n')) throw new Error('expected one text, within a line')
  return text
}
