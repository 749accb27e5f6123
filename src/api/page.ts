import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** The live page as it is sent. */
export interface LivePage {
  readonly body: Buffer
  /** For the header of the same name: the page's own script and style by their digests, and nothing else. */
  readonly contentSecurityPolicy: string
}

/** Reads the page, which `npm run page` has built, and digests what stands in it. For the first reader, not for each. */
export function loadPage(): LivePage {
  const body = readFileSync(new URL('page.html', import.meta.url))
  return { body, contentSecurityPolicy: policyOf(body.toString()) }
}

/**
 * Whatever a log says, no markup can come of it: no script but the page's own, no style attribute, no handler, and no assignment of text
 * where markup is read (trusted types, of which there are none). Source: CSP Level 3, https://www.w3.org/TR/CSP3/.
 */
function policyOf(page: string): string {
  return [
    "default-src 'none'",
    `script-src ${digests(page, 'script')}`,
    `style-src ${digests(page, 'style')}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')
}

function digests(page: string, tag: 'script' | 'style'): string {
  const blocks = page.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, 'gs'))
  return Array.from(blocks, ([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`).join(
    ' ',
  )
}
