import { KubeClient } from '../kube/client.ts'
import { findConnection } from '../kube/connection.ts'
import type { Flags, ValueParser } from '../lib/arguments.ts'
import type { Clock } from '../lib/clock.ts'
import { parseSelector } from '../select/selector.ts'

/** How to reach the cluster, and where its agents are. */
export interface Access {
  /** Undefined: KUBECONFIG, or `~/.kube/config`. */
  readonly kubeconfig: string | undefined
  /** Undefined: the file's current context. */
  readonly context: string | undefined
  readonly agentNamespace: string
  /** Selector for the labels of the agents' pods. */
  readonly agentSelector: string
  /** The agents' `api.port`. */
  readonly port: number
}

export const accessFlags = {
  kubeconfig: { type: 'string', value: 'FILE', offers: 'file', help: 'default: KUBECONFIG, else ~/.kube/config' },
  context: { type: 'string', value: 'NAME', offers: 'context', help: 'default: the current context of that file' },
  'agent-namespace': {
    type: 'string',
    value: 'NAME',
    offers: 'namespace',
    help: 'where the agents run (default loggy)',
  },
  'agent-selector': {
    type: 'string',
    value: 'SELECTOR',
    help: 'labels of their pods (default app.kubernetes.io/name=loggy)',
  },
  port: { type: 'string', value: 'NUMBER', help: 'their api.port (default 9181)' },
} as const satisfies Flags

/** Options from the texts given for `accessFlags`; `parsed` collects the faults. */
export function readAccess(
  values: Readonly<{ [Name in keyof typeof accessFlags]?: string | undefined }>,
  parsed: ValueParser,
): Access {
  return {
    kubeconfig: values.kubeconfig,
    context: values.context,
    agentNamespace: parsed('agent-namespace', values['agent-namespace'], parseName) ?? 'loggy',
    agentSelector:
      parsed('agent-selector', values['agent-selector'], (text) => parseSelector(text).text) ??
      'app.kubernetes.io/name=loggy',
    port: parsed('port', values.port, parsePort) ?? 9181,
  }
}

/** A client for the cluster. Throws LoggyError `KUBE_CONFIG_MISSING` or `KUBE_CONFIG_INVALID`. */
export function connect(
  { kubeconfig, context }: Access,
  { env, clock }: { readonly env: Readonly<Record<string, string | undefined>>; readonly clock: Clock },
): KubeClient {
  const source = kubeconfig === undefined ? findConnection(env) : ({ kind: 'kubeconfig', files: [kubeconfig] } as const)
  return new KubeClient(source.kind === 'kubeconfig' ? { ...source, context } : source, { clock, env })
}

/** Whether Kubernetes allows the name for a namespace or pod. Names become parts of URLs, so other characters could lead elsewhere. */
export function isName(text: string): boolean {
  return /^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/.test(text)
}

/** A valid name; throws for any other text. */
export function parseName(text: string): string {
  if (!isName(text)) throw new Error('expected a name')
  return text
}

function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65535) throw new Error('expected a number from 1 to 65535')
  return port
}
