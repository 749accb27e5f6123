import { fieldsOf } from './fields.ts'
import type { KubeconfigFields } from './kubeconfig-fields.ts'

/** The settings of a kubeconfig for getting credentials from a program. */
export interface ExecSettings {
  readonly apiVersion: string
  /** A name to look up in PATH, or an absolute path. */
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Shown if the program is not installed. */
  readonly installHint: string | undefined
  readonly provideClusterInfo: boolean
}

/** Source: client-go's exec plugins; v1alpha1 was removed in 1.24. */
const apiVersions = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1']
const modes = ['Never', 'IfAvailable', 'Always']

/** Reads the field `exec` of a user; faults are added to `fields`. */
export function readExec(fields: KubeconfigFields): ExecSettings {
  const apiVersion = fields.text('apiVersion') ?? ''
  if (!apiVersions.includes(apiVersion)) fields.fault('apiVersion', `must be one of ${apiVersions.join(', ')}`)
  const command = fields.text('command') ?? ''
  if (command === '') fields.fault('command', 'is missing')
  checkMode(fields, apiVersion)
  const env = fields.list('env').map(fieldsOf)
  return {
    apiVersion,
    // A name without a slash is looked up in PATH; a path is relative to the kubeconfig's directory.
    command: command.includes('/') ? fields.absolute(command) : command,
    args: fields.texts('args'),
    env: Object.fromEntries(env.map(({ name, value }) => [String(name), String(value ?? '')])),
    installHint: fields.text('installHint'),
    provideClusterInfo: fields.flag('provideClusterInfo'),
  }
}

/** Loggy cannot give a plugin a terminal: an agent has none, and a command uses its own. */
function checkMode(fields: KubeconfigFields, apiVersion: string): void {
  // Only v1 requires it. Source: client-go, `clientcmd/validation.go`.
  const mode = fields.text('interactiveMode') ?? (apiVersion === apiVersions[0] ? undefined : 'IfAvailable')
  if (mode === undefined || !modes.includes(mode)) fields.fault('interactiveMode', `must be one of ${modes.join(', ')}`)
  if (mode === 'Always') fields.fault('interactiveMode', 'is Always, but Loggy runs plugins without standard input')
}
