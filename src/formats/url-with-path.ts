/** The URL with the path of an API, if it has none. */
export function urlWithPath(url: string, path: string): URL {
  const whole = new URL(url)
  if (whole.pathname === '/') whole.pathname = path
  return whole
}
