import type { Finding } from './finding.ts'

/** Characters before the `@`. RFC 5321 allows 64 bytes. */
const LOCAL = /[\p{L}\p{N}._%+'-]/u
const LOCAL_LENGTH = 64
const DOMAIN =
  /(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.){1,8}(\p{L}{2,24}|xn--[a-z0-9-]{2,59})(?![\p{L}\p{N}_-])/uy
/** What ends names of other things: units of systemd, files. */
const NO_DOMAINS = new Set(
  'service socket target timer slice scope mount automount device swap path png jpg jpeg gif svg webp ico js mjs css json yaml yml'.split(
    ' ',
  ),
)
/** Logins that are nobody's address: `git@github.com:acme/shop.git` */
const NOBODY = new Set(['git'])

/** Addresses of mail. */
export function findEmails(text: string): Finding[] {
  const found: Finding[] = []
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    const start = startOf(text, at)
    DOMAIN.lastIndex = at + 1
    const match = start < at && !isOfUrl(text, start) ? DOMAIN.exec(text) : null
    if (match === null || NO_DOMAINS.has(String(match[1]).toLowerCase())) continue
    const end = at + 1 + match[0].length
    if (!NOBODY.has(text.slice(start, at))) found.push({ start, end, secret: text.slice(start, end).toLowerCase() })
  }
  return found
}

function startOf(text: string, at: number): number {
  let start = at
  while (start > 0 && at - start < LOCAL_LENGTH && LOCAL.test(text[start - 1] ?? '')) start -= 1
  while (start < at && /[.%+'-]/.test(text[start] ?? '')) start += 1
  return start
}

/** `//user:password@host` is no address. */
function isOfUrl(text: string, start: number): boolean {
  return /:\/\/[^\s/@]*$/.test(text.slice(Math.max(0, start - LOCAL_LENGTH), start))
}
