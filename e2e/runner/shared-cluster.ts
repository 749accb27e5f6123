import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { CommandError, exitCodeOf, mustRun, type Shell, unstoppable } from './command.ts'
import type { SuiteEnvironment } from './kind-cluster.ts'
import { type SharedTarget, UsageError } from './options.ts'

const run = promisify(execFile)

/** Beside the checkout, unless the variable names another one. */
const PROGRAM = resolve(import.meta.dirname, '../../../shared/cluster/cluster')
/**
 * The kubelet's own default. Some 20 s pass on a busy machine between two agents; with three files what a full log had then is deleted
 * unread.
 */
const LOG_MAX_FILES = '5'
const BUSYBOX = ['docker.io/local/busybox:1', 'docker.io/library/busybox:1'] as const

/** Starts the cluster of the program, unless it is up, has the suite run on it, and ends it. Resolves with the suite's exit code. */
export async function onSharedCluster(
  { version, keep }: SharedTarget,
  outer: Shell,
  runOn: (environment: SuiteEnvironment, build: string) => Promise<number>,
): Promise<number> {
  const program = outer.env.LOGGY_E2E_CLUSTER ?? PROGRAM
  if (!existsSync(program))
    throw new UsageError(`no cluster: ${program} is not there; LOGGY_E2E_CLUSTER names the program that starts it`)
  const settings = { LOGGY_CLUSTER_LOG_MAX_FILES: LOG_MAX_FILES, ...outer.env, LOGGY_CLUSTER_KUBERNETES: version }
  const shell = { ...outer, env: settings }
  const { stdout: status } = await run(program, ['status'], { env: shell.env })
  const wasUp = !/^apiserver\s+down/m.test(status)
  try {
    const kubeconfig = await start(program, shell)
    // Scenarios name the image as users do.
    await mustRun([program, 'node', 'ctr', '-n', 'k8s.io', 'images', 'tag', '--force', ...BUSYBOX], shell)
    const environment = {
      LOGGY_CLUSTER_KUBERNETES: version,
      KUBECONFIG: kubeconfig,
      KUBECTL: `${program} kubectl`,
      LOGGY_E2E_STATIC_PODS: join(dirname(kubeconfig), 'manifests'),
      LOGGY_E2E_API_STOP: `${program} stop apiserver`,
      LOGGY_E2E_API_START: `${program} start apiserver`,
    }
    return await runOn(environment, `${program} build . "$1" --build-arg VERSION="$2"`)
  } finally {
    if (!keep && !wasUp) await exitCodeOf([program, 'down'], unstoppable(shell))
  }
}

/** Resolves with the path of its kubeconfig. */
async function start(program: string, { env, say, signal }: Shell): Promise<string> {
  say(`$ ${program} up`)
  const { stdout } = await run(program, ['up'], { env, signal, maxBuffer: 1 << 26 }).catch((cause: unknown) => {
    throw new CommandError(`failed: ${program} up: ${cause instanceof Error ? cause.message : cause}`, { cause })
  })
  const kubeconfig = /^export KUBECONFIG=(.+)$/m.exec(stdout)?.[1]
  if (kubeconfig === undefined) throw new CommandError(`${program} up has not said where its kubeconfig is`)
  return kubeconfig
}
