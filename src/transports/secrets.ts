import type { OutgoingHttpHeaders } from 'node:http'
import type { StatusAnswer } from '../model/sink.ts'

/** Names of headers and of parameters of a URL whose values nobody may see. */
const SECRET = /auth|cookie|key|token|secret|pass|sig/i
/** Bytes of a secret in a refusal, and in an answer that is read; shorter ones would be found everywhere, such as `true` and `1234`. */
const LEAST_LENGTH = 4
const LEAST_READ_LENGTH = 8
const HIDDEN = '***'

/** An answer without the secrets of its request: some servers repeat headers and URL in their error pages, which people are shown. */
export function hideSecrets(
  { status, body }: Pick<StatusAnswer, 'status' | 'body'>,
  { url, headers }: { readonly url: URL; readonly headers: OutgoingHttpHeaders },
): Buffer {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length)
  if (bytes.length === 0) return bytes
  // As they are, and as the URL has them.
  const written = [...url.search.matchAll(/[?&]([^=&]*)=([^&]*)/g)].map(
    ([, name = '', value = '']) => [name, value] as const,
  )
  const named = [...Object.entries(headers), ...url.searchParams, ...written].filter(([name]) => SECRET.test(name))
  const least = status < 300 ? LEAST_READ_LENGTH : LEAST_LENGTH
  const secrets = named.flatMap(([name, value]) => formsOf(name, String(value))).filter(({ length }) => length >= least)
  const cut = Math.max(0, ...secrets.map((secret) => cutLength(bytes, secret)))
  // Of a whole answer of some megabytes it would take a millisecond to make a text.
  if (cut === 0 && !secrets.some((secret) => bytes.includes(secret, 'latin1'))) return bytes
  const text = bytes.toString('latin1', 0, bytes.length - cut) + (cut > 0 ? HIDDEN : '')
  // One may contain another.
  const longestFirst = secrets.sort((a, b) => b.length - a.length)
  return Buffer.from(
    longestFirst.reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text),
    'latin1',
  )
}

/** Bytes at the end with which a secret begins: the rest was not waited for. */
function cutLength(bytes: Buffer, secret: string): number {
  const end = bytes.toString('latin1', Math.max(0, bytes.length - secret.length + 1))
  for (let from = 0; end.length - from >= LEAST_LENGTH; from += 1)
    if (secret.startsWith(end.slice(from))) return end.length - from
  return 0
}

/** A value; of credentials the token behind a scheme such as `Bearer`, and the password of `Basic`. */
function formsOf(name: string, value: string): string[] {
  const [, scheme = '', token = ''] = (/authorization$/i.test(name) && /^(\S+) +(\S.*)$/.exec(value)) || []
  if (token === '') return [value]
  if (scheme.toLowerCase() !== 'basic') return [token]
  const user = Buffer.from(token, 'base64').toString('latin1')
  return [token, user, user.slice(user.indexOf(':') + 1)]
}
