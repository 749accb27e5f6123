import { type Flags, flagsHelp, type Given, oneOf, type ParsedArguments, readArguments } from '../lib/arguments.ts'
import { parseLineCount } from '../lib/line-count.ts'
import { parseSelector } from '../select/selector.ts'
import { type Access, accessFlags, parseName, readAccess } from './access.ts'
import { readTarget, type Target, targetHelp } from './target.ts'

const outputs = ['text', 'json', 'yaml'] as const

export const explainFlags = {
  namespace: {
    type: 'string',
    short: 'n',
    value: 'NAME',
    offers: 'namespace',
    help: "the pods' namespace (default: of the kubeconfig's context)",
  },
  'all-namespaces': { type: 'boolean', help: 'with a selector: the pods of all namespaces' },
  selector: {
    type: 'string',
    short: 'l',
    value: 'SELECTOR',
    multiple: true,
    help: "all pods whose labels match: app=web,tier!=cache · 'app in (web,api)'",
  },
  lines: {
    type: 'string',
    value: 'N',
    help: 'also why the last N lines of each log are joined to records or not, at most 200; needs `parse.multiline`',
  },
  output: {
    type: 'string',
    short: 'o',
    value: 'FORMAT',
    choices: outputs,
    help: "text (default), json or yaml: the agents' answers; one of json unchanged",
  },
  ...accessFlags,
} as const satisfies Flags

export const explainUsage = `Usage: loggy explain POD [options]
       loggy explain TYPE/NAME [options]
       loggy explain -l SELECTOR [options]

Says whether the logs of pods are collected, why or why not, and what to change. Asks the agent on each pod's node, through the API server:
  loggy explain -n shop deployment/web
  loggy explain -n shop web-7c5d-x2x9z --lines 20

${flagsHelp(explainFlags)}
Exit code: 0 all are collected · 1 one is not, or an error · 3 no agent could be asked, standard error says why
`

/** The pods in question. */
export type Subject =
  | Target
  | {
      readonly kind: 'selector'
      readonly selector: string
      /** Undefined: that of the kubeconfig's context. */
      readonly namespace: string | undefined
      readonly isEverywhere: boolean
    }

export interface ExplainOptions {
  readonly subject: Subject
  /** How many lines of each log are explained; undefined: none. */
  readonly lines: number | undefined
  readonly output: (typeof outputs)[number]
  readonly access: Access
}

/** Parses the arguments after `explain`. */
export function parseExplainArguments(argv: readonly string[]): ParsedArguments<ExplainOptions> {
  return readArguments(argv, { flags: explainFlags, read: readOptions })
}

function readOptions(given: Given<typeof explainFlags>): ExplainOptions | undefined {
  const { values, parsed } = given
  const output = parsed('output', values.output, (text) => oneOf(outputs, text)) ?? 'text'
  const lines = parsed('lines', values.lines, parseLineCount)
  const access = readAccess(values, parsed)
  const subject = values.selector === undefined ? readNamed(given) : readSelected(given)
  return subject && { subject, lines, output, access }
}

function readNamed({ values, positionals, parsed, faults }: Given<typeof explainFlags>): Target | undefined {
  const [text, ...more] = positionals
  if (values['all-namespaces']) faults.push('a pod cannot be named across all namespaces: --all-namespaces needs -l')
  if (text !== undefined && more.length === 0) return readTarget(text, values.namespace, { parsed, faults })
  faults.push(`expected ${targetHelp}; got ${positionals.length === 0 ? 'none' : positionals.join(' ')}`)
  return undefined
}

function readSelected({ values, positionals, parsed, faults }: Given<typeof explainFlags>): Subject {
  if (positionals.length > 0) faults.push('a name cannot be given with a selector')
  const namespace = parsed('namespace', values.namespace, parseName)
  if (namespace !== undefined && values['all-namespaces'])
    faults.push('--namespace and --all-namespaces cannot be used together')
  const selector = parsed('selector', values.selector?.join(','), (text) => parseSelector(text).text) ?? ''
  return { kind: 'selector', selector, namespace, isEverywhere: values['all-namespaces'] ?? false }
}
