import { fieldsOf } from './fields.ts'
import type { KubeconfigFields } from './kubeconfig-fields.ts'

/** How a kubeconfig says that credentials are to be had from a program. */
export interface ExecSettings {
  readonly apiVersion: string
  /** A name that PATH leads to, or an absolute path. */
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** For a person whose machine does not have the program. */
  readonly installHint: string | undefined
  readonly provideClusterInfo: boolean
}

/** Source: client-go's exec plugins; v1alpha1 went with 1.24. */
const apiVersions = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1']
const modes = ['Never', 'IfAvailable', 'Always']

/** Reads the member `exec` of a user; faults are left with it. */
export function readExec(fields: KubeconfigFields): ExecSettings {
  const apiVersion = fields.text('apiVersion') ?? ''
  if (!apiVersions.includes(apiVersion)) fields.fault('apiVersion', `must be one of ${apiVersions.join(', ')}`)
  const command = fields.text('command') ?? ''
  if (command === '') fields.fault('command', 'is missing')
  checkMode(fields, apiVersion)
  const env = fields.list('env').map(fieldsOf)
  return {
    apiVersion,
    // A bare name is looked up in PATH; a path starts from the kubeconfig's directory.
    command: command.includes('/') ? fields.absolute(command) : command,
    args: fields.texts('args'),
    env: Object.fromEntries(env.map(({ name, value }) => [String(name), String(value ?? '')])),
    installHint: fields.text('installHint'),
    provideClusterInfo: fields.flag('provideClusterInfo'),
  }
}

/** Loggy has no terminal to lend: an agent has none, and a command's is in use. */
function checkMode(fields: KubeconfigFields, apiVersion: string): void {
  // Only v1 demands it. Source: client-go, `clientcmd/validation.go`.
  const mode = fields.text('interactiveMode') ?? (apiVersion === apiVersions[0] ? undefined : 'IfAvailable')
  if (mode === undefined || !modes.includes(mode)) fields.fault('interactiveMode', `must be one of ${modes.join(', ')}`)
  if (mode === 'Always') fields.fault('interactiveMode', 'is Always, but Loggy runs plugins without standard input')
}
