import type { OutgoingHttpHeaders } from 'node:http'

/** Names of headers and of parameters of a URL whose values nobody may see. */
const SECRET = /auth|cookie|key|token|secret|pass|sig/i
/** Shorter ones would be found everywhere. */
const LEAST_LENGTH = 4
const HIDDEN = '***'

/** A refusal without the secrets of its request: some servers repeat headers and URL in their error pages, which people are shown. */
export function hideSecrets(
  body: Uint8Array,
  { url, headers }: { url: URL; headers: OutgoingHttpHeaders },
): Uint8Array {
  if (body.length === 0) return body
  // As they are, and as the URL has them.
  const written = [...url.search.matchAll(/[?&]([^=&]*)=([^&]*)/g)].map(
    ([, name = '', value = '']) => [name, value] as const,
  )
  const named = [...Object.entries(headers), ...url.searchParams, ...written].filter(([name]) => SECRET.test(name))
  const secrets = named.flatMap(([, value]) => formsOf(String(value))).filter(({ length }) => length >= LEAST_LENGTH)
  // One may contain another.
  const longestFirst = secrets.sort((a, b) => b.length - a.length)
  const text = Buffer.from(body).toString('latin1')
  const shown = longestFirst.reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text)
  return shown === text ? body : Buffer.from(shown, 'latin1')
}

/** A value; the token behind a scheme such as `Bearer`; the password of `Basic`. */
function formsOf(value: string): string[] {
  const [, scheme = '', token = ''] = /^(\S+) +(\S.*)$/.exec(value) ?? []
  const user = scheme.toLowerCase() === 'basic' ? Buffer.from(token, 'base64').toString('latin1') : ''
  return [value, token, user, user.slice(user.indexOf(':') + 1)]
}
