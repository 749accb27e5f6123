import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMap, parseDocument } from 'yaml'
import { sectionKeys } from '../../src/config/options.ts'

const root = join(import.meta.dirname, '../..')

/** The pages for users, and for who works on Loggy. */
export const pages = globSync(
  ['*.md', 'charts/**/*.md', 'docs/**/*.md', 'e2e/*.md', 'examples/**/*.md', 'manifests/*.md'],
  { cwd: root },
)

export function pageText(page: string): string {
  return readFileSync(join(root, page), 'utf8')
}

/** An example in YAML. */
export interface YamlBlock {
  readonly page: string
  readonly text: string
  /** By its keys: `loggy`, a configuration; `values` of the chart, with one in `config`; a `kubernetes` object, or a part of one; `other`: of another program. */
  readonly kind: 'loggy' | 'values' | 'kubernetes' | 'other'
  /** At the top. */
  readonly keys: readonly string[]
}

/** The blocks of a page that are marked as YAML. */
export function yamlBlocks(page: string): YamlBlock[] {
  return Array.from(pageText(page).matchAll(/^( *)```yaml\n(.*?)^ *```/gms), ([, indent = '', indented = '']) => {
    const text = indented.replaceAll(new RegExp(`^${indent}`, 'gm'), '')
    const { contents } = parseDocument(text)
    const keys = isMap(contents) ? contents.items.map(({ key }) => String(key)) : []
    return { page, text, keys, kind: kindOf(keys) }
  })
}

/** Of parts of a pod, which stand alone where the rest is clear. */
const POD_KEYS = new Set(['env', 'securityContext', 'volumeMounts', 'volumes'])

function kindOf(keys: readonly string[]): YamlBlock['kind'] {
  if (keys.length === 0) return 'other'
  if (keys.includes('apiVersion') || keys.every((key) => POD_KEYS.has(key))) return 'kubernetes'
  if (keys.every((key) => sectionKeys.has(key))) return 'loggy'
  return keys.includes('config') || keys.includes('platform') ? 'values' : 'other'
}
