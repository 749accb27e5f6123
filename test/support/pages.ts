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

/** A command line of a page that runs Loggy. */
export interface CommandLine {
  readonly page: string
  readonly command: string
  readonly argv: readonly string[]
}

const WORD = /"([^"]*)"|'([^']*)'|([^\s"'|#>;`]+)/gy

/** `loggy …` in lines of code, at their beginning, behind `npx`, a pipe or `--`; and in code within sentences. */
export function commandLines(page: string): CommandLine[] {
  const text = pageText(page)
  const inCode = Array.from(text.matchAll(/^ {4}.*$/gm), ([line]) => line)
  const inSentences = Array.from(text.matchAll(/`((?:npx )?loggy [^`]+)`/g), ([, code = '']) => code)
  return [...inCode, ...inSentences].flatMap((code) =>
    Array.from(code.matchAll(/(?:^\s*|npx |-- |\| )loggy (?=[a-z])/g), (match) => {
      const [command = '', ...argv] = words(code, match.index + match[0].length)
      return { page, command, argv }
    }),
  )
}

/** Up to the end of the command: a comment, a pipe, or the end of the line. */
function words(code: string, from: number): string[] {
  const found: string[] = []
  let place = from
  for (;;) {
    WORD.lastIndex = place
    const match = WORD.exec(code)
    if (match === null) return found
    found.push(match[1] ?? match[2] ?? match[3] ?? '')
    place = WORD.lastIndex
    if (code[place] !== ' ') return found
    while (code[place] === ' ') place += 1
  }
}
