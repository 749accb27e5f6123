import { type Given, oneOf, type ParsedArguments, readArguments, type ValueParser } from '../lib/arguments.ts'
import { type Access, accessArguments, accessUsage, isName, parseName, readAccess } from './access.ts'
import type { PodName } from './explain.ts'

export const explainUsage = `Usage: loggy explain NAMESPACE/POD [options]
       loggy explain -n NAMESPACE POD [options]

Says whether the logs of a pod are collected, why or why not, and what to change. Asks the agent on the pod's node, through the API server.

  -n, --namespace NAME       the pod's namespace
  -o, --output FORMAT        text (default), or json: the agent's answer unchanged
${accessUsage}  -h, --help                 this text

Exit code: 0 collected · 1 not collected · 2 invalid arguments · 3 unknown, standard error says why
`

const outputs = ['text', 'json'] as const

export interface ExplainOptions {
  readonly pod: PodName
  readonly output: (typeof outputs)[number]
  readonly access: Access
}

const explainFlags = {
  namespace: { type: 'string', short: 'n' },
  output: { type: 'string', short: 'o' },
  ...accessArguments,
} as const

/** Parses the arguments after `explain`. */
export function parseExplainArguments(argv: readonly string[]): ParsedArguments<ExplainOptions> {
  return readArguments(argv, { flags: explainFlags, read: readOptions })
}

function readOptions({ values, positionals, parsed, faults }: Given<typeof explainFlags>): ExplainOptions | undefined {
  const output = parsed('output', values.output, (text) => oneOf(outputs, text)) ?? 'text'
  const access = readAccess(values, parsed)
  const pod = readPod(positionals, values.namespace, { parsed, faults })
  return pod && { pod, output, access }
}

function readPod(
  positionals: readonly string[],
  namespaceText: string | undefined,
  { parsed, faults }: { readonly parsed: ValueParser; readonly faults: string[] },
): PodName | undefined {
  const [text, ...more] = positionals
  if (text === undefined || more.length > 0) {
    faults.push(`expected one NAMESPACE/POD, got ${positionals.length === 0 ? 'none' : positionals.join(' ')}`)
    return undefined
  }
  const namespace = parsed('namespace', namespaceText, parseName)
  const parts = text.split('/')
  const [ownNamespace = '', name = ''] = parts.length === 1 ? [namespaceText ?? '', text] : parts
  if (parts.length > 2 || [ownNamespace, name].some((part) => !isName(part)))
    faults.push(`${JSON.stringify(text)}: expected NAMESPACE/POD, or -n NAMESPACE POD`)
  else if (namespace !== undefined && namespace !== ownNamespace)
    faults.push(`${JSON.stringify(text)} is in another namespace than --namespace ${JSON.stringify(namespace)}`)
  return { namespace: ownNamespace, name }
}
