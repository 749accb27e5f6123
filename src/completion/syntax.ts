import type { Flags } from '../lib/arguments.ts'

/** What a shell has to know of a command. */
export interface CommandSyntax {
  readonly name: string
  /** As in the program's help. */
  readonly summary: string
  readonly flags: Flags
  /** What stands beside its options: a file, a pod or workload, or one of these words. */
  readonly operand?: 'file' | 'pod' | readonly string[]
}

/** What is completed by asking kubectl for its names. */
export type KubectlName = 'pod' | 'namespace' | 'context'

/** The arguments for kubectl, by which a shell finds names of the cluster. A cluster that does not answer is given up soon. */
export const kubectlQueries: Readonly<Record<KubectlName, readonly string[]>> = {
  pod: ['get', 'pods,deployments,statefulsets,daemonsets,jobs,cronjobs', '-o', 'name', '--request-timeout=3s'],
  namespace: [
    'get',
    'namespaces',
    '--request-timeout=3s',
    '-o',
    'go-template={{range .items}}{{.metadata.name}}{{"\\n"}}{{end}}',
  ],
  context: ['config', 'get-contexts', '-o', 'name'],
}

/** Options by which a person says which cluster and namespace is meant: they go to kubectl as they are. */
export const CLUSTER_FLAGS = ['-n', '--namespace', '--context', '--kubeconfig'] as const

/** `kubectl`'s arguments as words of a shell. */
export function kubectlWords(name: KubectlName): string {
  return kubectlQueries[name].map((word) => (/^[\w,.=-]+$/.test(word) ? word : `'${word}'`)).join(' ')
}
