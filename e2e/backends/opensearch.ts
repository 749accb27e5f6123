import type { Environment } from './backend.ts'

/** Calls the server's API; resolves with the status and the text of the answer. */
export async function call(
  { OPENSEARCH }: Environment,
  method: string,
  path: string,
  body?: string,
): Promise<{ readonly status: number; readonly text: string }> {
  const type = path === '/_bulk' ? 'application/x-ndjson' : 'application/json'
  const headers = body === undefined ? {} : { 'content-type': type }
  const response = await fetch(`${OPENSEARCH}${path}`, { method, headers, ...(body !== undefined && { body }) })
  return { status: response.status, text: await response.text() }
}
