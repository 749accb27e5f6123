import type { IncomingMessage } from 'node:http'

const LOCAL_HOSTS = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/

/**
 * Why a request is refused; undefined if it is allowed. Any process in the pod or behind a port-forward can reach the port, also a browser.
 * So a page of another site must not reach it, neither by its address nor by another host name that resolves to it.
 * A link on another site may open the live page, whose HTML contains no log data.
 */
export function refusal({ headers, url = '/' }: Pick<IncomingMessage, 'headers' | 'url'>): string | undefined {
  const { host = '', origin } = headers
  if (!LOCAL_HOSTS.test(host)) return 'the host must be localhost, 127.0.0.1 or [::1]'
  if (origin !== undefined && origin !== `http://${host}`) return 'requests of other origins are refused'
  const site = headers['sec-fetch-site']
  if (site === undefined || site === 'same-origin' || site === 'none') return undefined
  const isLink = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'
  return isLink && /^\/(\?|$)/.test(url) ? undefined : 'requests of other sites are refused'
}
