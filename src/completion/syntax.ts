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

/** What kubectl can be asked for, where it is there: a shell's way to the cluster. It says nothing when it fails, and not for long. */
export const KUBECTL_QUERIES = {
  pod: 'get pods,deployments,statefulsets,daemonsets,jobs,cronjobs -o name --request-timeout=3s',
  namespace:
    'get namespaces --request-timeout=3s -o go-template=\'{{range .items}}{{.metadata.name}}{{"\\n"}}{{end}}\'',
  context: 'config get-contexts -o name',
} as const
