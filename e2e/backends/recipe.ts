import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { SinkSection } from './backend.ts'

const PAGES = join(import.meta.dirname, '../../docs/destinations')

/** Section `sink` of the first configuration on a page of docs/destinations, with the server at another address. */
export function recipeOf(page: string, origin = ''): SinkSection {
  const { sink } = parse(blockOf(page, 'yaml'))
  const { pathname, search } = new URL(sink.url)
  return { ...sink, url: `${origin}${pathname}${search}` }
}

/** The first block of code in that language on the page. */
export function blockOf(page: string, language: string): string {
  const text = readFileSync(join(PAGES, `${page}.md`), 'utf8')
  const [, block] = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(text) ?? []
  if (block === undefined) throw new Error(`${page}.md has no block of ${language}`)
  return block
}
