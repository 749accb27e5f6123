import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { kubectlComplete } from '../../src/commands/kubectl-complete.ts'
import { program } from '../support/program.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const paths = (process.env.PATH ?? '').split(delimiter)
const realKubectl = paths.map((path) => join(path, 'kubectl')).find((file) => existsSync(file))

/** Lines that a shell gets, without descriptions; the last one is the directive. */
const candidatesOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t', 1)[0] ?? '')

/** What is offered for the last word behind `kubectl loggy`, with a kubectl that answers. */
async function offered(t: TestContext, ...words: string[]): Promise<readonly string[]> {
  const folder = temporaryDirectory(t)
  executable(
    join(folder, 'kubectl'),
    'case "$*" in *fail*) exit 1 ;; *contexts*) echo home ;; *) echo "pod/$*" ;; esac',
  )
  let text = ''
  const stdout = { write: (part: string) => (text += part) }
  const code = await kubectlComplete(words, { stdout, env: { PATH: `${folder}${delimiter}${process.env.PATH}` } })
  assert.equal(code, 0)
  return candidatesOf(text)
}

function executable(file: string, script: string): void {
  writeFileSync(file, `#!/bin/sh\n${script}\n`)
  chmodSync(file, 0o755)
}

test('kubectl gets commands, options and their values, and no files, for its plugin', async (t) => {
  const commands = 'run,demo,view,tail,explain,replay,doctor,check,completion,:4'
  assert.equal((await offered(t, '')).join(), commands)
  assert.equal((await offered(t)).join(), commands)
  assert.deepEqual(await offered(t, 'exp'), ['explain', ':4'])
  assert.deepEqual(await offered(t, 'tail', '--all'), ['--all-namespaces', ':4'])
  assert.deepEqual(await offered(t, 'tail', '-o', ''), ['text', 'wide', 'json', 'yaml', ':4'])
  assert.deepEqual(await offered(t, 'tail', '--output=j'), ['json', ':4'])
  assert.deepEqual(await offered(t, 'completion', 'z'), ['zsh', ':4'])
  assert.deepEqual(await offered(t, 'nonsense', ''), [':4'])
  assert.deepEqual(await offered(t, 'run', ''), [':4'])
})

test('where a file may stand the shell offers files', async (t) => {
  assert.deepEqual(await offered(t, 'view', ''), [':0'])
  assert.deepEqual(await offered(t, 'check', '--config', 'x'), [':0'])
})

test('names come from the cluster and the namespace that the line says', async (t) => {
  const query = 'get pods,deployments,statefulsets,daemonsets,jobs,cronjobs -o name --request-timeout=3s'
  assert.deepEqual(await offered(t, 'explain', 'pod/'), [`pod/${query}`, ':4'])
  const named = await offered(t, 'explain', '-n', 'bank', '--context', 'home', 'pod/')
  assert.deepEqual(named, [`pod/-n bank --context home ${query}`, ':4'])
  assert.deepEqual(await offered(t, 'explain', '-n', 'bank', '--context', ''), ['home', ':4'])
  assert.deepEqual(await offered(t, 'explain', '-n', 'fail', ''), [':4'])
})

/** PATH with the program in it, linked as npm does, and before it a kubectl, if that is given. */
function pathWithPlugin(t: TestContext, kubectl = ''): string {
  const folder = temporaryDirectory(t)
  for (const name of ['kubectl-loggy', 'kubectl_complete-loggy']) symlinkSync(program, join(folder, name))
  if (kubectl !== '') executable(join(folder, 'kubectl'), kubectl)
  return [folder, dirname(process.execPath), process.env.PATH].join(delimiter)
}

test('a shell finds the program by the name that kubectl looks for', (t) => {
  const env = { ...process.env, PATH: pathWithPlugin(t, 'echo "pod/of-$2"') }
  const line = ['--norc', '-c', 'kubectl_complete-loggy "$@"', 'bash', 'explain', '-n', 'bank', '']
  assert.equal(execFileSync('bash', line, { env, encoding: 'utf8' }), 'pod/of-bank\n:4\n')
})

const skip = realKubectl === undefined && 'no kubectl here'
test('kubectl itself completes the plugin', { skip }, (t) => {
  const env = { ...process.env, PATH: pathWithPlugin(t), KUBECONFIG: join(temporaryDirectory(t), 'none') }
  const argv = ['__complete', 'loggy', 'tail', '--output', 'y']
  const text = execFileSync('kubectl', argv, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  assert.deepEqual(candidatesOf(text), ['yaml', ':4'])
})
