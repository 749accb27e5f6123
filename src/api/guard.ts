import type { IncomingMessage } from 'node:http'

const LOCAL_HOSTS = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/

/**
 * Why a request is refused; undefined for one that is answered. The port is open to whatever runs in the pod or comes through a
 * port-forward, a browser among them: a page of another site must reach it neither by its address nor by a name that leads there.
 * A link on another site may open the page, which holds nothing that a log says.
 */
export function refusal({ headers, url = '/' }: Pick<IncomingMessage, 'headers' | 'url'>): string | undefined {
  const { host = '', origin } = headers
  if (!LOCAL_HOSTS.test(host)) return 'the host of this address is localhost, 127.0.0.1 or [::1]'
  if (origin !== undefined && origin !== `http://${host}`) return 'pages of other origins are not answered'
  const site = headers['sec-fetch-site']
  if (site === undefined || site === 'same-origin' || site === 'none') return undefined
  const isLink = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'
  return isLink && /^\/(\?|$)/.test(url) ? undefined : 'pages of other sites are not answered'
}
