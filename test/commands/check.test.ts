import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { loadConfig } from '../../src/config/load.ts'
import { runCheck as run } from '../support/run-check.ts'

async function configFile(t: TestContext, text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'loggy-check-'))
  t.after(() => rm(directory, { recursive: true }))
  const file = join(directory, 'config.yaml')
  await writeFile(file, text)
  return file
}

test('prints the effective configuration with the place of each value that is no default', async (t) => {
  const file = await configFile(t, 'select: { labels: "app in (web,api)", namespaces: { include: [shop] } }\n')
  const { code, stdout, stderr } = await run(['--config', file, '--log-level', 'debug'], {
    LOGGY_ENRICH_NODE_LABELS: 'true',
  })
  assert.equal(code, 0)
  assert.equal(stderr, '')
  assert.match(stdout, /^ {2}labels: app in \(web,api\) # file$/m)
  assert.match(stdout, /^ {4}include: \[shop\] # file$/m)
  assert.match(stdout, /^ {2}nodeLabels: true # environment$/m)
  assert.match(stdout, /^ {2}level: debug # flag$/m)
  assert.match(stdout, /^ {2}waitForMetadata: 5s$/m)
})

test('what it prints is a file that gives the same configuration', async (t) => {
  const env = { LOGGY_SINK_TYPE: 'file', LOGGY_SINK_PATH: '/var/log/entries: #1', LOGGY_SOURCE_MAX_LINE_BYTES: '64Ki' }
  const argv = [
    '-l',
    '!legacy,tier notin (cache)',
    '-A',
    'team',
    '--exclude-namespaces',
    '*-test,kube-*',
    '--node-name',
    '007',
  ]
  const { stdout } = await run(argv, env)
  const file = await configFile(t, stdout)
  const again = await loadConfig({ file, env: {}, flags: {} })
  assert.equal(again.sink.type === 'file' && again.sink.path, '/var/log/entries: #1')
  assert.equal(again.source.maxLineBytes, 65536)
  assert.equal(again.select.labels, '!legacy,tier notin (cache)')
  assert.deepEqual(again.select.namespaces, { include: ['*'], exclude: ['*-test', 'kube-*'] })
  assert.equal(again.kubernetes.nodeName, '007')
})

test('what the headers hold is not printed', async (t) => {
  const file = await configFile(
    t,
    'sink: { type: http, url: "https://a.example", headers: { X-Key: hunter2, X-Org: hunter3 } }\n',
  )
  const { code, stdout, stderr } = await run(['--config', file])
  assert.equal(code, 0)
  assert.doesNotMatch(stdout + stderr, /hunter/)
  assert.match(stdout, /headers: \{X-Key: \(not shown\), X-Org: \(not shown\)\} # file$/m)
})

test('faults end it with code 2, a line for each and no stack trace', async (t) => {
  const file = await configFile(t, 'source: { maxLineBytes: 5, startat: end }\n')
  const { code, stdout, stderr } = await run(['--config', file], { LOGGY_LOG_LEVEL: 'loud' })
  assert.equal(code, 2)
  assert.equal(stdout, '')
  const lines = stderr.trimEnd().split('\n')
  assert.equal(lines.length, 3)
  assert.match(stderr, /did you mean source\.startAt\?/)
  assert.doesNotMatch(stderr, /^\s+at /m)
})

for (const argv of [
  ['--unknown'],
  ['stray'],
  ['--config'],
  ['--log-level', 'loud'],
  ['--config', '/nowhere/config.yaml'],
]) {
  test(`loggy check ${argv.join(' ')} ends with code 2 and says why`, async () => {
    const { code, stdout, stderr } = await run(argv)
    assert.equal(code, 2)
    assert.equal(stdout, '')
    assert.match(stderr, /^\S.+\n(See 'loggy check --help' for usage\.\n)?$/)
  })
}

test('an argument that is no option is named, and where the options are', async () => {
  const { stderr } = await run(['--unknown'])
  assert.equal(stderr, "error: unknown flag: --unknown\nSee 'loggy check --help' for usage.\n")
})

test('without a file it checks environment and defaults', async () => {
  const { code, stdout } = await run([])
  assert.equal(code, 0)
  assert.match(stdout, /^ {2}nodeName: node-1 # environment$/m)
})

test('--help tells the flags and checks nothing', async () => {
  const { code, stdout } = await run(['--help'], { LOGGY_LOG_LEVEL: 'loud' })
  assert.equal(code, 0)
  assert.match(stdout, /^Usage: loggy check/)
  assert.match(stdout, /--exclude-namespaces GLOBS/)
})
