import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'

interface Job {
  readonly uses?: string
  readonly steps?: readonly object[]
  readonly 'timeout-minutes'?: number
}

const root = join(import.meta.dirname, '..')
const folder = join(root, '.github/workflows')
const texts = new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]))
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
