import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'

type Env = Readonly<Record<string, string>>

interface Step {
  readonly id?: string
  readonly run?: string
  readonly env?: Env
}

interface Job {
  readonly uses?: string
  readonly needs?: string | readonly string[]
  readonly env?: Env
  readonly steps?: readonly Step[]
  readonly 'timeout-minutes'?: number
}

const root = join(import.meta.dirname, '..')
const folder = join(root, '.github/workflows')
const texts = new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]))
const workflows = Array.from(texts, ([file, text]) => {
  const { env = {}, jobs } = parse(text) as { readonly env?: Env; readonly jobs: Readonly<Record<string, Job>> }
  return { file, env, jobs: Object.entries(jobs) }
})
const scripts: Record<string, string> = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts

test('workflows take actions of others by the commit, and say which version it is', () => {
  for (const [file, text] of texts)
    for (const [line, action] of text.matchAll(/uses: (\S+).*$/gm)) {
      if (action?.startsWith('./')) assert.ok(texts.has(action.split('/').at(-1) ?? ''), `${file}: ${line}`)
      else assert.match(line, /uses: [\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/, file)
    }
})

test('one action has one version', () => {
  const used = Array.from(texts.values()).flatMap((text) =>
    Array.from(text.matchAll(/uses: (\S+)@(\S+)/g), ([, action = '', commit]) => ({ action, commit })),
  )
  const byAction = Map.groupBy(used, ({ action }) => action)
  for (const [action, uses] of byAction) assert.equal(new Set(uses.map(({ commit }) => commit)).size, 1, action)
})

test('workflows may read, unless a job says what it may beyond, and none runs for ever', () => {
  for (const [file, text] of texts) {
    const { permissions, jobs } = parse(text) as { permissions: object; jobs: Record<string, Job> }
    assert.deepEqual(permissions, { contents: 'read' }, file)
    for (const [name, job] of Object.entries(jobs))
      assert.ok(job.uses !== undefined || (job['timeout-minutes'] ?? 360) < 60, `${file}: ${name}`)
  }
})

test('workflows run scripts that exist', () => {
  for (const [file, text] of texts)
    for (const [, script = ''] of text.matchAll(/npm run (?:--silent )?([\w:]+)/g))
      assert.ok(scripts[script], `${file}: ${script}`)
})

test('what a step runs is a script that bash can read, with variables that are set, and no text of others in it', () => {
  const runs = workflows.flatMap(({ file, env, jobs }) =>
    jobs.flatMap(([name, job]) =>
      (job.steps ?? []).flatMap(({ run, env: own }) =>
        run === undefined ? [] : [{ where: `${file}: ${name}`, run, known: { ...env, ...job.env, ...own } }],
      ),
    ),
  )
  assert.ok(runs.length > 20)
  for (const { where, run, known } of runs) {
    assert.ok(!run.includes('${{'), `${where}: a name of a branch could be a command`)
    for (const [, name = ''] of run.matchAll(/\$\{?([A-Z][A-Z_]+)/g))
      assert.ok(name in known || /^(GITHUB|RUNNER)_/.test(name), `${where}: ${name}`)
  }
  execFileSync('bash', ['-n'], { input: runs.map(({ run }) => run).join('\n') })
})

test('a job takes outputs only of jobs that it waits for, and of steps that it has', () => {
  for (const { file, jobs } of workflows)
    for (const [name, job] of jobs) {
      const needed = [job.needs ?? []].flat()
      for (const [, other = ''] of JSON.stringify(job).matchAll(/\bneeds\.(\w+)\./g))
        assert.ok(needed.includes(other), `${file}: ${name}: ${other}`)
      for (const other of needed)
        assert.ok(
          jobs.some(([its]) => its === other),
          `${file}: ${name}: ${other}`,
        )
      for (const [, step = ''] of JSON.stringify(job).matchAll(/\bsteps\.(\w+)\./g))
        assert.ok(
          job.steps?.some(({ id }) => id === step),
          `${file}: ${name}: ${step}`,
        )
    }
})

test('a release finds its image in the manifests, its notes in the changelog, and a tag on npm for a pre-release', () => {
  const release = texts.get('release.yml') ?? ''
  const [, placeholder = ''] = /s\|(image: [^|]+)\|/.exec(release) ?? []
  const daemonSet = readFileSync(join(root, 'manifests/daemonset.yaml'), 'utf8')
  assert.equal(daemonSet.split(placeholder).length, 2)
  const [, notes = ''] = /^ +(awk .*) >notes\.md$/m.exec(release) ?? []
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const env = { PATH: process.env.PATH, VERSION: version }
  assert.match(execFileSync('sh', ['-c', notes], { cwd: root, env, encoding: 'utf8' }), /^- \S/m)
  assert.match(release, /npm publish \S+ --tag "\$TAG"/)
})

test('what the image is built of is there', () => {
  const copied = Array.from(
    readFileSync(join(root, 'Dockerfile'), 'utf8').matchAll(/^COPY (?!--from)(.+) \S+$/gm),
    ([, names = '']) => names.split(' '),
  ).flat()
  assert.ok(copied.length > 5)
  for (const name of copied) assert.ok(existsSync(join(root, name)), name)
})
