import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import type { ApiFilter, ApiKind, ApiObject } from './api-objects.ts'

/** A request, as the server has parsed it. */
export interface ApiRequest {
  readonly verb: ApiVerb
  /** Undefined if the server does not have the resource. */
  readonly resource: ApiResource | 'events' | undefined
  /** Undefined if the request is about the whole cluster. */
  readonly namespace: string | undefined
  /** Name of a single object. */
  readonly name: string | undefined
  /** Path and query. */
  readonly url: string
  readonly query: URLSearchParams
  readonly authorization: string | undefined
  readonly userAgent: string | undefined
  /** The body of a POST, unchanged. */
  readonly body: string
}

export type ApiVerb = 'get' | 'list' | 'watch' | 'create'

/** Resources that can be read. Events can only be created. */
export type ApiResource = keyof typeof kinds

const kinds = { pods: 'Pod', namespaces: 'Namespace', nodes: 'Node' } as const

export function kindOf(resource: ApiResource): ApiKind {
  return kinds[resource]
}

const resourcePath = /^\/api\/v1\/(?:namespaces\/(?<namespace>[^/]+)\/)?(?<kind>[a-z]+)(?:\/(?<name>[^/]+))?$/

/** Reads a client's request. Rejects if the connection is cut before it is complete. */
export async function readRequest(message: IncomingMessage): Promise<ApiRequest> {
  const url = message.url ?? '/'
  const { pathname, searchParams: query } = new URL(url, 'http://localhost')
  const groups = resourcePath.exec(pathname)?.groups
  const { namespace, kind = '', name } = groups ?? {}
  const isWatch = ['1', 'true'].includes(query.get('watch') ?? '')
  const readVerb = name !== undefined ? 'get' : isWatch ? 'watch' : 'list'
  const verb = message.method === 'POST' ? 'create' : readVerb
  const { authorization, 'user-agent': userAgent } = message.headers
  const body = verb === 'create' ? await text(message) : ''
  const resource = resourceOf(verb, { namespace, kind })
  return { verb, resource, namespace, name, url, query, authorization, userAgent, body }
}

/** The filter of a `fieldSelector`, or the field that the server does not support. */
export function readFieldSelector(text: string): { readonly filter: ApiFilter } | { readonly unsupported: string } {
  const terms = text.split(',').filter((term) => term !== '')
  const pairs = terms.map((term) => term.split(/==?/))
  const unsupported = pairs.find(([field]) => !isField(field ?? ''))
  if (unsupported !== undefined) return { unsupported: unsupported[0] ?? '' }
  return { filter: (object) => pairs.every(([field = '', value = '']) => fieldOf(object, field) === value) }
}

/** The filter of a `labelSelector` that is a list of `key=value`. */
export function readLabelSelector(text: string): ApiFilter {
  const pairs = text
    .split(',')
    .filter((term) => term !== '')
    .map((term) => term.split(/==?/))
  return ({ metadata: { labels } }) => pairs.every(([key = '', value]) => labelOf(labels, key) === value)
}

function labelOf(labels: unknown, key: string): unknown {
  return Object.entries(labels ?? {}).find(([name]) => name === key)?.[1]
}

function resourceOf(
  verb: ApiVerb,
  { namespace, kind }: { readonly namespace: string | undefined; readonly kind: string },
): ApiRequest['resource'] {
  if (verb === 'create') return namespace !== undefined && kind === 'events' ? kind : undefined
  return isResource(kind) && (namespace === undefined || kind === 'pods') ? kind : undefined
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
