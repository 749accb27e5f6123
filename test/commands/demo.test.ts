import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { type DemoIo, demo } from '../../src/commands/demo.ts'
import { program } from '../support/program.ts'
import { waitUntil } from '../support/wait-until.ts'

interface Entry {
  readonly log: string
  readonly time: string
  readonly kubernetes: {
    readonly namespace: string
    readonly pod: string
    readonly uid: string
    readonly node: string
    readonly owner: { kind: string; name: string }
    readonly labels: Record<string, string>
    readonly annotations: Record<string, string>
    readonly metadata?: string
  }
}

describe('loggy demo', () => {
  let directory: string

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'loggy-demo-test-'))
  })

  afterEach(() => {
    rmSync(directory, { recursive: true })
  })

  /** The demo as a process, with its temporary files in a folder of the test. */
  function startDemo(...args: string[]) {
    const env = { ...process.env, TMPDIR: directory, NO_COLOR: '1', FORCE_COLOR: undefined }
    const child = spawn(process.execPath, [program, 'demo', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    return { child, exit: once(child, 'exit') }
  }

  /** What a demo wrote until that was enough, and it was ended. */
  async function demoUntil(isEnough: (stdout: string, stderr: string) => boolean, ...args: string[]) {
    const { child, exit } = startDemo(...args)
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (part) => {
      stdout += part
    })
    child.stderr.setEncoding('utf8').on('data', (part) => {
      stderr += part
    })
    await waitUntil('that is enough', () => isEnough(stdout, stderr) || child.exitCode !== null)
    child.kill('SIGINT')
    assert.deepEqual(await exit, [0, null], stderr)
    return { stdout, stderr }
  }

  /** A demo whose first entry has come. */
  async function startedDemo() {
    const demo = startDemo('--json')
    const stderr = text(demo.child.stderr)
    await Promise.race([once(demo.child.stdout, 'data'), demo.exit])
    assert.equal(demo.child.exitCode, null, demo.child.exitCode === null ? '' : await stderr)
    return demo
  }

  test('shows raw entries of both namespaces, each with its pod’s metadata, and nothing else on stdout', async () => {
    const entriesOf = (stdout: string): Entry[] =>
      stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line))
    const { stdout, stderr } = await demoUntil(
      (soFar) =>
        soFar.split('\n').length > 60 &&
        entriesOf(soFar).some(({ log }) => log.length > 16_384) &&
        ['Deployment', 'StatefulSet', 'CronJob'].every((kind) => soFar.includes(`{"kind":"${kind}"`)),
      '--json',
      '--rate',
      '40',
    )
    assert(stdout.endsWith('\n'))
    const entries = entriesOf(stdout)
    assert(entries.length > 40, `${entries.length} entries`)
    assert.deepEqual(new Set(entries.map(({ kubernetes }) => kubernetes.namespace)), new Set(['shop', 'data']))
    for (const { time, kubernetes } of entries) {
      assert.equal(kubernetes.metadata, undefined, 'path-only')
      assert.equal(kubernetes.node, 'node-1')
      assert.match(time, /^\d{4}-\d\d-\d\dT/)
      assert(kubernetes.labels.app && kubernetes.annotations.team)
    }
    const owners = new Set(entries.map(({ kubernetes }) => `${kubernetes.owner.kind}/${kubernetes.owner.name}`))
    assert.deepEqual(owners, new Set(['Deployment/web', 'StatefulSet/db', 'CronJob/report']))
    assert(
      entries.some(({ log }) => log.length > 16_384),
      'a line put together from partial ones',
    )
    assert.match(stderr, /simulated node/)
    assert.deepEqual(readdirSync(directory), [], 'the temporary folder is removed')
  })

  test('tells first what is simulated, then shows entries to a person', async () => {
    const entry = /^\d\d:\d\d:\d\d\S* web-\w+-\w+\/app \| /m
    const afterHead = (text: string) => text.split('\n').slice(3).join('\n')
    const { stdout, stderr } = await demoUntil(
      (soFar, notes) => entry.test(afterHead(soFar)) && /^· .*rotates/m.test(notes),
    )
    const lines = stdout.split('\n')
    assert.match(lines[0] ?? '', /simulated node/)
    assert.match(afterHead(stdout), entry)
    assert(
      lines.every((line) => line.length < 700),
      'no line floods the terminal',
    )
    assert.match(stderr, /^· .*rotates/m)
  })

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    test(`ends with exit code 0 on ${signal} and leaves nothing behind`, async () => {
      const { child, exit } = await startedDemo()
      child.stdout.resume()
      child.kill(signal)
      assert.deepEqual(await exit, [0, null])
      assert.deepEqual(readdirSync(directory), [])
    })
  }

  test('ends with exit code 0 when its reader has seen enough', async () => {
    const { child, exit } = await startedDemo()
    child.stdout.destroy()
    assert.deepEqual(await exit, [0, null])
    assert.deepEqual(readdirSync(directory), [])
  })
})

describe('demo', () => {
  let directory: string
  let stderr: PassThrough
  let abort: AbortController

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'loggy-demo-test-'))
    stderr = new PassThrough()
    abort = new AbortController()
  })

  afterEach(() => {
    rmSync(directory, { recursive: true })
  })

  /** The edge of a process whose agent is the given script. */
  function io(stdout: Writable, agentScript = ''): DemoIo {
    const mainPath = join(directory, 'agent.mjs')
    writeFileSync(mainPath, agentScript)
    return { stdout, stderr, env: process.env, signal: abort.signal, execPath: process.execPath, mainPath }
  }

  async function errors(): Promise<string> {
    stderr.end()
    return await text(stderr)
  }

  const faults: { argv: string[]; message: RegExp }[] = [
    { argv: ['--seconds', 'soon'], message: /--seconds "soon": expected a number/ },
    { argv: ['--seconds', '0'], message: /--seconds "0": expected a number above 0/ },
    { argv: ['--rate', '0'], message: /--rate "0": expected a number from 1/ },
    { argv: ['--output', 'xml'], message: /--output "xml": expected one of text, wide, json/ },
    { argv: ['--colour'], message: /--colour/ },
    { argv: ['extra'], message: /extra/ },
  ]

  for (const { argv, message } of faults) {
    test(`refuses ${argv.join(' ')} with exit code 2`, async () => {
      assert.equal(await demo(argv, io(new PassThrough())), 2)
      assert.match(await errors(), message)
    })
  }

  test('prints its usage', async () => {
    const stdout = new PassThrough()
    assert.equal(await demo(['--help'], io(stdout)), 0)
    stdout.end()
    assert.match(await text(stdout), /^Usage: loggy demo/)
  })

  test('tells the last words of an agent that died, with exit code 1', async () => {
    const stdout = new PassThrough().resume()
    const code = await demo([], io(stdout, "console.error('no such luck'); process.exit(3)"))
    assert.equal(code, 1)
    assert.match(await errors(), /the agent ended \(exit code 3\)\. Its last output:\nno such luck\n/)
  })

  test('tells why an agent could not be started', async () => {
    const code = await demo([], { ...io(new PassThrough().resume()), execPath: join(directory, 'missing') })
    assert.equal(code, 1)
    assert.match(await errors(), /ENOENT/)
  })

  test('shows warnings and errors of the agent, but not its information', async () => {
    const script = `for (const level of ['info', 'warn', 'error'])
      console.error(JSON.stringify({ time: 'now', level, message: 'about ' + level, path: 'x' }))`
    await demo([], io(new PassThrough().resume(), script))
    const shown = (await errors()).match(/^· agent.*$/gm)
    assert.deepEqual(shown, ['· agent warn: about warn {"path":"x"}', '· agent error: about error {"path":"x"}'])
  })

  test('starts the agent without the options of this environment', async () => {
    const script = "console.error(JSON.stringify({ level: 'warn', message: Object.keys(process.env).join() }))"
    const env = { ...process.env, LOGGY_SINK: 'file', MARK: 'here' }
    await demo([], { ...io(new PassThrough().resume(), script), env })
    const shown = await errors()
    assert.match(shown, /MARK/)
    assert.doesNotMatch(shown, /LOGGY_SINK/)
  })

  test('ends although its reader has paused for good', async () => {
    const entry = {
      time: '2026-11-22T07:00:00Z',
      log: 'x'.repeat(1000),
      kubernetes: { namespace: 'n', pod: 'p', container: 'c' },
    }
    const script = `const line = ${JSON.stringify(JSON.stringify(entry))} + '\\n'
      process.stdout.write(line.repeat(5000))
      setInterval(() => {}, 1000)`
    const paused = new Writable({ write: () => abort.abort() })
    assert.equal(await demo(['--json'], io(paused, script)), 0)
  })
})
