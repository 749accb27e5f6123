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
import { LEVELS } from '../model/level.ts'
import { parseSelector } from '../select/selector.ts'
import { type ColorChoice, colorChoices } from '../view/color.ts'
import { levelFlags, outputFlags, outputs, selectorFlags } from '../view/entry-flags.ts'
import { type Access, accessFlags, readAccess } from './access.ts'
import { readTarget, type Target, targetHelp } from './target.ts'

export const tailFlags = {
  ...selectorFlags,
  namespace: {
    type: 'string',
    short: 'n',
    value: 'GLOB',
    multiple: true,
    offers: 'namespace',
    help: "namespaces, such as shop or 'team-*' (default: all; for a named pod that of the kubeconfig's context)",
  },
  'all-namespaces': { type: 'boolean', help: 'all namespaces, as without --namespace' },
  pod: { type: 'string', value: 'GLOB', multiple: true, help: 'pods' },
  container: { type: 'string', short: 'c', value: 'GLOB', multiple: true, help: 'containers' },
  ...levelFlags,
  grep: { type: 'string', value: 'TEXT', multiple: true, help: 'entries whose log text holds this, case-sensitive' },
  ...outputFlags,
  ...accessFlags,
} as const satisfies Flags

export const tailUsage = `Usage: loggy tail [POD | TYPE/NAME] [options]

Shows new entries of all nodes, in the order of their times. Each node's agent filters its own entries. Agents are called through the API
server:
  loggy tail -l app=web -A team=payments
  loggy tail -n shop deployment/web

${flagsHelp(tailFlags)}
Entries are shown a quarter of a second late, so that earlier ones of other nodes can come first. If an agent has to drop entries, because it
or the connection is too slow, standard error says how many.
`

export interface TailOptions {
  /** Undefined: all pods. */
  readonly target: Target | undefined
  /** Query of each agent's `/api/tail`, without what the target adds. */
  readonly query: Readonly<Record<string, string>>
  readonly output: (typeof outputs)[number]
  readonly color: ColorChoice
  readonly utc: boolean
  readonly access: Access
}

/** Parses the arguments after `tail`. */
export function parseTailArguments(argv: readonly string[]): ParsedArguments<TailOptions> {
  return readArguments(argv, { flags: tailFlags, read: readOptions })
}

function readOptions(given: Given<typeof tailFlags>): TailOptions {
  const { values, parsed } = given
  return {
    target: readNamed(given),
    query: readQuery(values, parsed),
    output: parsed('output', values.output, (text) => oneOf(outputs, text)) ?? 'text',
    color: parsed('color', values.color, (text) => oneOf(colorChoices, text)) ?? 'auto',
    utc: values.utc ?? false,
    access: readAccess(values, parsed),
  }
}

function readNamed({ values, positionals, parsed, faults }: Given<typeof tailFlags>): Target | undefined {
  const [text, ...more] = positionals
  const isEverywhere = values['all-namespaces'] ?? false
  if (isEverywhere && values.namespace !== undefined)
    faults.push('--namespace and --all-namespaces cannot be used together')
  if (text === undefined) return undefined
  if (more.length > 0) faults.push(`expected at most one ${targetHelp}; got ${positionals.join(' ')}`)
  if (isEverywhere) faults.push('a pod cannot be named across all namespaces')
  if (values.pod !== undefined) faults.push('--pod cannot be used with a name')
  return readTarget(text, values.namespace?.join(','), { parsed, faults })
}

/** The query for the agents, with the given options only. */
function readQuery(values: FlagValues<typeof tailFlags>, parsed: ValueParser): Record<string, string> {
  // If a selector is given twice, both must match, as with a comma.
  const labels = [...(values.selector ?? []), ...(values.labels ?? [])]
  return withoutAbsent({
    labels: parsed(
      'selector',
      labels.length === 0 ? undefined : labels.join(','),
      (text) => parseSelector(text, { values: 'label' }).text,
    ),
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
  })
}

function withoutAbsent(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined))
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
