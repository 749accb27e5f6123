import type { IncomingMessage } from 'node:http'
import type { ApiFilter, ApiKind, ApiObject } from './api-objects.ts'

/** A request as the server has understood it. */
export interface ApiRequest {
  readonly verb: ApiVerb
  /** Undefined for what the server does not have. */
  readonly resource: ApiResource | undefined
  /** Undefined for all. */
  readonly namespace: string | undefined
  /** Of the one object that is asked for. */
  readonly name: string | undefined
  /** Path and query. */
  readonly url: string
  readonly query: URLSearchParams
  readonly authorization: string | undefined
}

export type ApiVerb = 'get' | 'list' | 'watch'

export type ApiResource = keyof typeof kinds

const kinds = { pods: 'Pod', namespaces: 'Namespace', nodes: 'Node' } as const

export function kindOf(resource: ApiResource): ApiKind {
  return kinds[resource]
}

/** Reads what a client asks for. */
export function readRequest(message: IncomingMessage): ApiRequest {
  const url = message.url ?? '/'
  const { pathname, searchParams: query } = new URL(url, 'http://localhost')
  const groups = /^\/api\/v1\/(?:namespaces\/(?<namespace>[^/]+)\/)?(?<kind>[a-z]+)(?:\/(?<name>[^/]+))?$/.exec(
    pathname,
  )?.groups
  const { namespace, kind = '', name } = groups ?? {}
  const collectionVerb = ['1', 'true'].includes(query.get('watch') ?? '') ? 'watch' : 'list'
  const verb = name === undefined ? collectionVerb : 'get'
  const resource = isResource(kind) ? kind : undefined
  return { verb, resource, namespace, name, url, query, authorization: message.headers.authorization }
}

/** The filter of a `fieldSelector`, or the field that the server cannot select by. */
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
