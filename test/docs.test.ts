import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { test } from 'node:test'

const root = resolve(import.meta.dirname, '..')
const pages = globSync(['*.md', 'docs/**/*.md', 'e2e/*.md', 'examples/**/*.md'], { cwd: root })
/** Where a file that is named without its folder's beginning may be. */
const FOLDERS = ['', 'src', 'src/kernel', 'test']

test('each link of a page leads to a file', () => {
  assert.ok(pages.length > 15)
  for (const page of pages) {
    const text = readFileSync(join(root, page), 'utf8')
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g))
      assert.ok(existsSync(join(root, dirname(page), target)), `${page}: ${target}`)
  }
})

test('each source file that a page names is there', () => {
  const named = pages
    .filter((page) => page !== 'CHANGELOG.md') // which also tells of files that were
    .flatMap((page) =>
      [...readFileSync(join(root, page), 'utf8').matchAll(/`((?:[\w-]+\/)+[\w.-]+\.ts)`/g)].map(([, file = '']) => [
        page,
        file,
      ]),
    )
  assert.ok(named.length > 20)
  for (const [page, file = ''] of named)
    assert.ok(
      FOLDERS.some((folder) => existsSync(join(root, folder, file))) ||
        existsSync(join(root, dirname(page ?? ''), file)),
      `${page}: ${file}`,
    )
})

test('DESIGN.md can be read in one sitting', () => {
  assert.ok(readFileSync(join(root, 'DESIGN.md'), 'utf8').trimEnd().split('\n').length <= 300)
})

test('the README can be read aloud in five minutes', () => {
  const text = readFileSync(join(root, 'README.md'), 'utf8')
  assert.ok(text.trimEnd().split('\n').length <= 150)
  const prose = text
    .replaceAll(/^```.*?^```$/gms, '')
    .replaceAll(/^ {4}.*$/gm, '')
    .replaceAll(/\]\([^)]*\)/g, ']')
  const words = prose.split(/\s+/).filter((word) => /\w/.test(word))
  assert.ok(words.length <= 5 * 150, `${words.length} words`)
})

/** What Kubernetes says itself. */
const NOT_OURS = /violates PodSecurity|insufficient quota|unable to validate/

test('the messages that docs/troubleshooting.md explains are written by the program', () => {
  const table = readFileSync(join(root, 'docs/troubleshooting.md'), 'utf8')
  const cells = Array.from(table.matchAll(/^\| ([^|]*`[^|]*) \|/gm), ([, cell = '']) => cell)
  const messages = cells.flatMap((cell) => Array.from(cell.matchAll(/`([^`]*)`/g), ([, words = '']) => words))
  const own = messages.filter((words) => !words.startsWith('/') && !NOT_OURS.test(words))
  assert.ok(own.length > 12)
  const sources = globSync('src/**/*.ts', { cwd: root }).map((file) => readFileSync(join(root, file), 'utf8'))
  for (const part of own.flatMap((words) => words.replace(/^"metadata":"(.*)"$/, "'$1'").split(/ ?… ?/)))
    assert.ok(
      sources.some((text) => text.includes(part)),
      part,
    )
})
