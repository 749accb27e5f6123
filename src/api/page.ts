import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** The HTML of the live page. */
export interface LivePage {
  readonly body: Buffer
  /** Value of the header of that name: allows the page's own script and style by digest, and nothing else. */
  readonly contentSecurityPolicy: string
}

/** Reads the page that `npm run page` has built, and computes the digests. Called once, at the first request. */
export function loadPage(): LivePage {
  const body = readFileSync(new URL('page.html', import.meta.url))
  return { body, contentSecurityPolicy: policyOf(body.toString()) }
}

/**
 * Log text cannot become markup: the policy allows only the page's own script, no style attributes, no event handlers, and no assignments
 * to `innerHTML` and the like (no trusted types are allowed). Source: CSP Level 3, https://www.w3.org/TR/CSP3/.
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
