import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import type { ApiFilter, ApiKind, ApiObject } from './api-objects.ts'

/** A request as the server has understood it. */
export interface ApiRequest {
  readonly verb: ApiVerb
  /** Undefined for what the server does not have. */
  readonly resource: ApiResource | 'events' | undefined
  /** Undefined for what is asked of the whole cluster. */
  readonly namespace: string | undefined
  /** Path and query. */
  readonly url: string
  readonly query: URLSearchParams
  readonly authorization: string | undefined
  readonly userAgent: string | undefined
  /** Of a POST, as it came. */
  readonly body: string
}

export type ApiVerb = 'list' | 'watch' | 'create'

/** What can be listed and watched. Events can be created, and nothing else. */
export type ApiResource = keyof typeof kinds

const kinds = { pods: 'Pod', namespaces: 'Namespace', nodes: 'Node' } as const

export function kindOf(resource: ApiResource): ApiKind {
  return kinds[resource]
}

/** Reads what a client asks for. Rejects when the connection is cut before all of it is there. */
export async function readRequest(message: IncomingMessage): Promise<ApiRequest> {
  const url = message.url ?? '/'
  const { pathname, searchParams: query } = new URL(url, 'http://localhost')
  const isWatch = ['1', 'true'].includes(query.get('watch') ?? '')
  const verb = message.method === 'POST' ? 'create' : isWatch ? 'watch' : 'list'
  const [, namespace, name = ''] = /^\/api\/v1\/(?:namespaces\/([^/]+)\/)?([a-z]+)$/.exec(pathname) ?? []
  const { authorization, 'user-agent': userAgent } = message.headers
  const body = verb === 'create' ? await text(message) : ''
  return { verb, resource: resourceOf(verb, namespace, name), namespace, url, query, authorization, userAgent, body }
}

/** The filter of a `fieldSelector`, or the field that the server cannot select by. */
export function readFieldSelector(text: string): { readonly filter: ApiFilter } | { readonly unsupported: string } {
  const terms = text.split(',').filter((term) => term !== '')
  const pairs = terms.map((term) => term.split(/==?/))
  const unsupported = pairs.find(([field]) => !isField(field ?? ''))
  if (unsupported !== undefined) return { unsupported: unsupported[0] ?? '' }
  return { filter: (object) => pairs.every(([field = '', value = '']) => fieldOf(object, field) === value) }
}

function resourceOf(verb: ApiVerb, namespace: string | undefined, name: string): ApiRequest['resource'] {
  if (verb === 'create') return namespace !== undefined && name === 'events' ? name : undefined
  return namespace === undefined && isResource(name) ? name : undefined
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
