import { join } from 'node:path'
import { kubectlCommand } from '../support/kubectl.ts'
import { CommandError, exitCodeOf, mustRun, type Shell } from './command.ts'
import { onKindCluster, type SuiteEnvironment } from './kind-cluster.ts'
import { deleteLeftovers } from './leftovers.ts'
import { type GivenTarget, parseOptions, type RunOptions, UsageError, usage } from './options.ts'
import { onSharedCluster } from './shared-cluster.ts'
import { missingTools } from './tools.ts'

const SCENARIOS = join(import.meta.dirname, '../scenarios/*.test.ts')

const TOOLS = { kind: ['docker', 'kind', 'kubectl'], shared: [], given: ['kubectl'] } as const

/** Runs the scenarios on a cluster; resolves with the exit code: 0 all well, 1 something failed, 2 it could not be begun. */
export async function runSuite(argv: readonly string[], shell: Shell): Promise<number> {
  try {
    const options = parseOptions(argv, shell.env)
    if (options === 'help') {
      shell.say(usage)
      return 0
    }
    const missing = missingTools(TOOLS[options.target.kind], shell.env)
    for (const line of missing) shell.say(line)
    return missing.length > 0 ? 2 : await runOnTarget(options, shell)
  } catch (error) {
    if (error instanceof UsageError) shell.say(`${error.message}\n\n${usage}`)
    else if (error instanceof CommandError) shell.say(error.message)
    else if (shell.signal.aborted) shell.say('stopped')
    else throw error
    return 2
  }
}

async function runOnTarget({ target, files, artifacts }: RunOptions, shell: Shell): Promise<number> {
  const scenarios = async (environment: SuiteEnvironment) => {
    const env = { ...shell.env, LOGGY_E2E_ARTIFACTS: artifacts, ...environment }
    // One at a time: some take the API server away from all, or load the node.
    const argv = ['--test', '--test-concurrency=1', '--test-reporter=spec', ...(files.length > 0 ? files : [SCENARIOS])]
    return (await exitCodeOf([process.execPath, ...argv], { ...shell, env })) === 0 ? 0 : 1
  }
  if (target.kind === 'kind') return await onKindCluster(target, shell, scenarios, artifacts)
  if (target.kind === 'given') return await onGivenCluster(target, shell, scenarios)
  const given = { kind: 'given', image: 'loggy:e2e', nextImage: 'loggy:e2e-next' } as const
  return await onSharedCluster(target, shell, (environment, build) => {
    const env = { ...shell.env, ...environment }
    return onGivenCluster({ ...given, build }, { ...shell, env }, (images) => scenarios({ ...environment, ...images }))
  })
}

async function onGivenCluster(
  { build, image, nextImage }: GivenTarget,
  shell: Shell,
  scenarios: (environment: SuiteEnvironment) => Promise<number>,
): Promise<number> {
  // Before anything is built: a cluster that does not answer would fail each scenario in its own words.
  await mustRun([...kubectlCommand(shell.env), 'get', 'nodes'], shell)
  const images = { LOGGY_E2E_IMAGE: image, ...(nextImage && { LOGGY_E2E_NEXT_IMAGE: nextImage }) }
  if (build !== undefined)
    for (const name of Object.values(images)) await mustRun(['sh', '-c', build, 'sh', name, versionOf(name)], shell)
  const run = Date.now().toString(36)
  const code = await scenarios({ ...images, LOGGY_E2E_RUN: run })
  const left = await deleteLeftovers(run, shell)
  if (left.length > 0) shell.say(`scenarios left this behind; it was deleted: ${left.join(' ')}`)
  return left.length > 0 ? 1 : code
}

/** The tag: enough for two images of one source to be two. */
function versionOf(image: string): string {
  return /:([^:/]+)$/.exec(image)?.[1] ?? 'latest'
}
