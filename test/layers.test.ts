import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'
import manifest from '../package.json' with { type: 'json' }

/** Rooms whose imports go only to themselves, `model/`, `lib/` and what is named here. DESIGN.md tells why. */
const features: Readonly<Record<string, readonly string[]>> = {
  ask: ['entry', 'kube', 'select/selector.ts', 'select/workload.ts', 'view'],
  api: ['entry', 'select/selector.ts', 'select/workload.ts'],
  checkpoint: [],
  completion: [],
  entry: ['formats/schemas'],
  kernel: [],
  kube: ['select/hint-rules.ts'],
  // For the browser: what it takes of others must need neither Node nor the DOM.
  page: ['entry', 'view/terminal-text.ts'],
  pipeline: ['kernel'],
  redact: [],
  select: [],
  simulation: [],
  gzip: [],
  delivery: ['gzip'],
  formats: [],
  transports: [],
  model: [],
  source: [],
  telemetry: [],
  view: ['entry', 'select/selector.ts'],
  config: ['select/selector.ts'],
  lib: [],
}
const root = join(import.meta.dirname, '../src')
const files = globSync('**/*.ts', { cwd: root })
const roomOf = (file: string) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : file)

/** Paths of src that a file imports, type imports included. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']*)'/g)].map(([, path]) =>
    normalize(join(dirname(file), String(path))),
  )
}

function mayImport(from: string, target: string): boolean {
  const room = roomOf(from)
  if (room === roomOf(target)) return true
  if (from === 'main.ts')
    return target.startsWith('commands/') || target.startsWith('lib/') || target === '../package.json'
  if (room === 'commands') return target !== 'main.ts'
  if (room === 'agent') return !target.startsWith('commands/') && target !== 'main.ts'
  const allowed = features[room]
  if (allowed === undefined) return false
  if (target.startsWith('lib/')) return true
  if (target.startsWith('model/')) return room !== 'lib'
  return allowed.some((prefix) => target === prefix || target.startsWith(`${prefix}/`))
}

test('imports point down only, and feature rooms never import one another', () => {
  assert.ok(files.length > 50)
  const wrong = files.flatMap((from) =>
    importsOf(from)
      .filter((target) => !mayImport(from, target))
      .map((target) => `${from} → ${target}`),
  )
  assert.deepEqual(wrong, [])
})

test('every room of src is known to the rule', () => {
  const known = new Set([...Object.keys(features), 'agent', 'commands', 'main.ts'])
  assert.deepEqual(
    [...new Set(files.map(roomOf))].filter((room) => !known.has(room)),
    [],
  )
})

test('nothing but the edge of the process touches the process', () => {
  const touching = files.filter((file) =>
    /\bprocess\.(argv|env|exit|std\w+|on\b|pid)/.test(readFileSync(join(root, file), 'utf8')),
  )
  assert.deepEqual(touching, ['main.ts'])
})

test('the packages that the program imports are those that DESIGN.md gives reasons for', () => {
  // The page is built into one file, and the kernel compiled.
  const run = files.filter((file) => !/^(page|kernel\/assembly|gzip\/assembly)\//.test(file))
  const imported = /(?:from|import\() ?'((?:@[\w-]+\/)?[\w-]+)[/']/g
  const packages = run.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(imported)].map(([, name]) => name),
  )
  const design = readFileSync(join(root, '../DESIGN.md'), 'utf8')
  const explained = Array.from(design.matchAll(/^\| `([^`:]+)` \|/gm), ([, name]) => name)
  assert.deepEqual([...new Set(packages)].sort(), explained.sort())
})

test('what is published needs no other package: the bundle has them', () => {
  assert.ok(!('dependencies' in manifest))
})

test('there are no default exports and no barrels', () => {
  for (const file of files) {
    const text = readFileSync(join(root, file), 'utf8')
    assert.doesNotMatch(text, /^export default/m, file)
    assert.doesNotMatch(text, /^export \* /m, file)
  }
})
