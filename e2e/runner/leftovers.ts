import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { kubectlCommand } from '../support/kubectl.ts'
import { exitCodeOf, type Shell, unstoppable } from './command.ts'

/** Deletes what the scenarios of a run have made and not deleted, because they died. Resolves with the names of it. */
export async function deleteLeftovers(run: string, shell: Shell): Promise<string[]> {
  const [command, ...leading] = kubectlCommand(shell.env)
  const kinds = 'namespaces,clusterroles,clusterrolebindings'
  const list = [...leading, 'get', kinds, '--output', 'name']
  const { stdout } = await promisify(execFile)(command, list, { env: shell.env, maxBuffer: 64 * 1024 * 1024 })
  const left = stdout.split('\n').filter((name) => name.includes(`-e2e-${run}-`))
  if (left.length > 0) await exitCodeOf([command, ...leading, 'delete', ...left, '--timeout=180s'], unstoppable(shell))
  return left
}
