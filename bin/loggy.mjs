#!/usr/bin/env node
/**
 * The command `loggy`, and `kubectl-loggy`: runs the bundle. In a checkout it makes the bundle first if it is missing or older than what
 * it is made of. Plain JavaScript, so that a Node that is too old for the bundle can say so.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** `engines` of package.json: the oldest line that has all of node:sqlite that Loggy needs. */
const [OLDEST_MAJOR, OLDEST_MINOR] = [22, 22]
/** What the bundle is made of. */
const SOURCES = ['src', 'scripts', 'package.json', 'package-lock.json']
/** Made by the build itself, also by itself for the tests. */
const MADE = /\.wasm$|page\.html$/

const root = fileURLToPath(new URL('..', import.meta.url))
const program = join(root, 'dist/loggy.mjs')
const isCheckout = existsSync(join(root, 'src/main.ts'))

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < OLDEST_MAJOR || (major === OLDEST_MAJOR && minor < OLDEST_MINOR)) {
  const needed = `loggy needs Node.js ${OLDEST_MAJOR}.${OLDEST_MINOR} or later; this is ${process.versions.node}.\n`
  // The checkout's own Node comes with its development packages, and npx and npm run find it first.
  const advice = "In a checkout, 'npm run demo' needs no other Node; after 'npm ci', neither does npx loggy.\n"
  process.stderr.write(isCheckout ? needed + advice : needed)
  process.exit(1)
}

if (isCheckout && latestChange(program) < Math.max(...SOURCES.map((source) => latestChange(join(root, source))))) {
  process.stderr.write('loggy: building dist/, because it is missing or older than the sources\n')
  // Its output goes to standard error: standard output has entries.
  const { status, error } = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) {
    process.stderr.write(`loggy: 'npm run build' failed${error === undefined ? '' : `: ${error.message}`}\n`)
    process.exit(1)
  }
}

silence('SQLite is an experimental feature')
await import(new URL('../dist/loggy.mjs', import.meta.url).href)

/** Milliseconds since 1970; 0 for what does not exist. */
function latestChange(path) {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined || MADE.test(path)) return 0
  if (!stats.isDirectory()) return stats.mtimeMs
  return Math.max(0, ...readdirSync(path).map((name) => latestChange(join(path, name))))
}

/** Node 22 warns of a module that later versions have without a warning. Standard error has the agent's log, in JSON. */
function silence(beginning) {
  const { emitWarning } = process
  process.emitWarning = (warning, ...more) => {
    if (!String(warning).startsWith(beginning)) emitWarning.call(process, warning, ...more)
  }
}
