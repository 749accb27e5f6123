import { parseArgs } from 'node:util'

/** What was asked for, complete and possible. */
export interface RunOptions {
  readonly target: KindTarget | SharedTarget | GivenTarget
  readonly artifacts: string
  /** Scenario files; none: all. */
  readonly files: readonly string[]
}

/** A kind cluster that is made for this run. */
export interface KindTarget {
  readonly kind: 'kind'
  /** Whether the cluster stays. */
  readonly keep: boolean
  /** kind's node image, which decides the version of Kubernetes; undefined: kind's own choice. */
  readonly nodeImage: string | undefined
}

/** The cluster that a program on this machine starts: see e2e/README.md. */
export interface SharedTarget {
  readonly kind: 'shared'
  /** Of Kubernetes. */
  readonly version: string
  /** Whether the cluster stays up; it does anyway if it was. */
  readonly keep: boolean
}

/** The cluster of `KUBECONFIG`. */
export interface GivenTarget {
  readonly kind: 'given'
  readonly image: string
  readonly nextImage: string | undefined
  /** Shell command that makes image `$1`, of version `$2`, and takes it to the nodes; undefined: they have it. */
  readonly build: string | undefined
}

/** Arguments that make no sense; the message says which and why. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly code = 'E2E_USAGE'
}

export const usage = `Usage: npm run e2e -- [OPTION…] [SCENARIO…]

Without KUBECONFIG, on a kind cluster that is made, and deleted afterwards:
  --keep              leave the cluster, and say how to use it
  --node-image IMAGE  kind's node image, such as kindest/node:v1.33.1

On the cluster of LOGGY_E2E_CLUSTER, a program that starts and ends it:
  --shared VERSION    such as 1.37 or 1.20; with --keep it stays up

With KUBECONFIG, on that cluster, in namespaces that are made and deleted:
  --image IMAGE       the image to test, which the nodes have or can pull
  --next-image IMAGE  another one of it, to which a DaemonSet is rolled
  --build COMMAND     shell command that makes image "$1" of version "$2" and takes it to the nodes; it is run for both

  --artifacts FOLDER  where logs and events of what failed are put; e2e-artifacts by itself

SCENARIO is a file of e2e/scenarios; without any all are run. e2e/README.md tells of the variables.`

const flags = {
  keep: { type: 'boolean' },
  shared: { type: 'string' },
  'node-image': { type: 'string' },
  image: { type: 'string' },
  'next-image': { type: 'string' },
  build: { type: 'string' },
  artifacts: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

type Values = ReturnType<typeof parse>['values']

/** Returns 'help' when that is asked for; throws UsageError. Images may also be given by variable, as to the scenarios. */
export function parseOptions(argv: readonly string[], env: NodeJS.ProcessEnv): RunOptions | 'help' {
  const { values, positionals } = parse(argv)
  if (values.help === true) return 'help'
  const target = targetOf(values, env)
  return { target, artifacts: values.artifacts ?? 'e2e-artifacts', files: positionals }
}

function targetOf(values: Values, env: NodeJS.ProcessEnv): RunOptions['target'] {
  if (values.shared !== undefined) return sharedTarget(values, values.shared)
  return isSet(env.KUBECONFIG) ? givenTarget(values, env) : kindTarget(values)
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: flags, allowPositionals: true })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}

function kindTarget(values: Values): KindTarget {
  refuse(values, ['image', 'next-image', 'build'], 'is for the cluster of KUBECONFIG, which is not set')
  return { kind: 'kind', keep: values.keep ?? false, nodeImage: values['node-image'] }
}

function sharedTarget(values: Values, version: string): SharedTarget {
  refuse(values, ['image', 'next-image', 'build', 'node-image'], 'is not for a shared cluster')
  if (!/^\d+\.\d+$/.test(version)) throw new UsageError(`--shared ${version}: expected a version such as 1.37`)
  return { kind: 'shared', version, keep: values.keep ?? false }
}

function givenTarget(values: Values, env: NodeJS.ProcessEnv): GivenTarget {
  refuse(values, ['keep', 'node-image'], 'is for a kind cluster that is made; KUBECONFIG names one that is there')
  const { build } = values
  const image = values.image ?? env.LOGGY_E2E_IMAGE ?? (build && 'loggy:e2e')
  const nextImage = values['next-image'] ?? env.LOGGY_E2E_NEXT_IMAGE ?? (build && 'loggy:e2e-next')
  if (!isSet(image)) throw new UsageError('KUBECONFIG is set: --image or --build must say which image to test')
  return { kind: 'given', image, nextImage, build }
}

function refuse(values: Values, names: readonly (keyof Values)[], why: string): void {
  const given = names.find((name) => values[name] !== undefined)
  if (given !== undefined) throw new UsageError(`--${given} ${why}`)
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== ''
}
