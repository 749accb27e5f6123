import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

const root = join(import.meta.dirname, '..')

export const CHART = join(root, 'charts/loggy')
/** What Helm makes of the chart for each file of values in its folder `ci`, in the repository because not everyone who runs the tests has Helm. */
export const RENDERED = join(root, 'test/manifests/rendered')

/** The names of the files in `ci`, without their end. */
export function chartCases(): string[] {
  const files = globSync('ci/*-values.yaml', { cwd: CHART }).sort()
  return files.map((file) => basename(file, '-values.yaml'))
}

export function valuesOf(name: string): string {
  return join(CHART, 'ci', `${name}-values.yaml`)
}

/** Of all files of the chart, names and content: whoever changes one has to render it again. */
export function chartDigest(): string {
  const digest = createHash('sha256')
  const files = globSync('**', { cwd: CHART, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = files.map(({ parentPath, name }) => join(parentPath, name)).sort()
  for (const path of paths)
    digest
      .update(`${path.slice(CHART.length)}\0`)
      .update(readFileSync(path))
      .update('\0')
  return digest.digest('hex')
}
