/**
 * `npm run chart`: lints charts/loggy, renders it with Helm for each file of values in its folder `ci`, and writes that into
 * test/manifests/rendered, where the tests look at it. With `--check` nothing is written, and the exit code is 1 if it would change.
 * `HELM` names the command.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { parseAllDocuments } from 'yaml'
import { CHART, chartCases, chartDigest, RENDERED, valuesOf } from './rendered-chart.ts'

const isCheck = process.argv.includes('--check')
const different: string[] = []

if (!isCheck) {
  rmSync(RENDERED, { recursive: true, force: true })
  mkdirSync(RENDERED, { recursive: true })
}
for (const name of chartCases()) {
  helm('lint', CHART, '--strict', '--quiet', '--values', valuesOf(name))
  const given = ['loggy', CHART, '--namespace', 'loggy', '--values', valuesOf(name)]
  put(`${name}.yaml`, helm('template', ...given), objectsOf)
  const { info } = JSON.parse(helm('install', ...given, '--dry-run=client', '--output', 'json'))
  put(`${name}.notes.txt`, `${String(info.notes).trim()}\n`)
}
put('digest.txt', `${chartDigest()}\n`)
if (different.length > 0) {
  process.stderr.write(`out of date, run npm run chart: ${different.join(' ')}\n`)
  process.exitCode = 1
}

/** Another version of Helm may lay the same objects out in another way. */
function put(file: string, text: string, meaning: (text: string) => unknown = (same) => same): void {
  const path = join(RENDERED, file)
  if (!isCheck) writeFileSync(path, text)
  else if (!existsSync(path) || !isDeepStrictEqual(meaning(readFileSync(path, 'utf8')), meaning(text)))
    different.push(file)
}

function objectsOf(text: string): unknown[] {
  return parseAllDocuments(text).map((document) => document.toJS())
}

function helm(...args: string[]): string {
  return execFileSync(process.env.HELM ?? 'helm', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
}
