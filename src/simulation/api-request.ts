import type { IncomingMessage } from 'node:http'
import type { ApiFilter, ApiKind, ApiObject } from './api-objects.ts'

/** A request as the server has understood it. */
export interface ApiRequest {
  readonly verb: 'list' | 'watch'
  /** Undefined for what the server does not have. */
  readonly resource: ApiResource | undefined
  /** Path and query. */
  readonly url: string
  readonly query: URLSearchParams
  readonly authorization: string | undefined
}

export type ApiResource = keyof typeof kinds

const kinds = { pods: 'Pod', namespaces: 'Namespace', nodes: 'Node' } as const

export function kindOf(resource: ApiResource): ApiKind {
  return kinds[resource]
}

/** Reads what a client asks for. */
export function readRequest(message: IncomingMessage): ApiRequest {
  const url = message.url ?? '/'
  const { pathname, searchParams: query } = new URL(url, 'http://localhost')
  const verb = ['1', 'true'].includes(query.get('watch') ?? '') ? 'watch' : 'list'
  const name = /^\/api\/v1\/([a-z]+)$/.exec(pathname)?.[1]
  const resource = name !== undefined && isResource(name) ? name : undefined
  return { verb, resource, url, query, authorization: message.headers.authorization }
}

/** The filter of a `fieldSelector`, or the field that the server cannot select by. */
export function readFieldSelector(text: string): { readonly filter: ApiFilter } | { readonly unsupported: string } {
  const terms = text.split(',').filter((term) => term !== '')
  const pairs = terms.map((term) => term.split(/==?/))
  const unsupported = pairs.find(([field]) => !isField(field ?? ''))
  if (unsupported !== undefined) return { unsupported: unsupported[0] ?? '' }
  return { filter: (object) => pairs.every(([field = '', value = '']) => fieldOf(object, field) === value) }
}

function isResource(name: string): name is ApiResource {
  return Object.hasOwn(kinds, name)
}

function isField(field: string): boolean {
  return ['metadata.name', 'metadata.namespace', 'spec.nodeName'].includes(field)
}

function fieldOf({ metadata, spec }: ApiObject, field: string): unknown {
  if (field === 'metadata.name') return metadata.name
  if (field === 'metadata.namespace') return metadata.namespace
  return spec !== undefined && 'nodeName' in spec ? spec.nodeName : undefined
}
