/** Bodies of failures, recorded from a real API server. */

/** The fields of a Status that vary. */
export interface StatusFields {
  readonly code: number
  readonly reason?: string
  readonly message?: string
  readonly details?: object
}

/** A `Status` object. */
export function statusObject({ code, reason, message, details }: StatusFields): object {
  const head = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' }
  return { ...head, message, reason, details, code }
}

/** The usual Status for a code; `details` only if a real server sends them. */
export function usualStatus(code: number): StatusFields {
  return { code, reason: reasons[code] ?? 'InternalError', message: messages[code] ?? 'an error on the server' }
}

const reasons: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  410: 'Expired',
  429: 'TooManyRequests',
  503: 'ServiceUnavailable',
  504: 'Timeout',
}

const messages: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  404: 'the server could not find the requested resource',
  410: 'The provided continue parameter is too old to display a consistent list result.',
  429: 'Too many requests, please try again later.',
  503: 'apiserver is shutting down.',
}

/** A watch from a version that is older than the server's history. */
export function tooOld(version: number, oldest: number): StatusFields {
  return { code: 410, reason: 'Expired', message: `too old resource version: ${version} (${oldest})` }
}

/** A list from a version that the server does not have yet. */
export function tooLarge(version: number, current: number): StatusFields {
  return {
    code: 504,
    reason: 'Timeout',
    message: `Timeout: Too large resource version: ${version}, current: ${current}`,
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  }
}

/** A streamed list of a server that has none. Source: apimachinery, `validation.ValidateListOptions`. */
export function noStreamedLists(): StatusFields {
  const fault = 'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled'
  const message = `ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: ${fault}`
  const causes = [{ reason: 'FieldValueForbidden', message: `Forbidden: ${fault}`, field: 'sendInitialEvents' }]
  return { code: 422, reason: 'Invalid', message, details: { group: 'meta.k8s.io', kind: 'ListOptions', causes } }
}

/** A permission that RBAC does not grant. */
export function forbidden(
  verb: string,
  { resource, namespace }: { readonly resource: string; readonly namespace: string | undefined },
): StatusFields {
  const user = 'system:serviceaccount:loggy:loggy'
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`
  const message = `${resource} is forbidden: User "${user}" cannot ${verb} resource "${resource}" in API group "" ${where}`
  return { code: 403, reason: 'Forbidden', message, details: { kind: resource } }
}

/** An object that does not exist. */
export function missing(resource: string, name: string): StatusFields {
  return {
    code: 404,
    reason: 'NotFound',
    message: `${resource} "${name}" not found`,
    details: { name, kind: resource },
  }
}

/** An object in a namespace that is being deleted. */
export function terminating(name: string, namespace: string): StatusFields {
  const message = `events "${name}" is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`
  const cause = { reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated` }
  const causes = [{ ...cause, field: 'metadata.namespace' }]
  return { code: 403, reason: 'Forbidden', message, details: { name, kind: 'events', causes } }
}

/** An event of that name exists. */
export function alreadyExists(name: string): StatusFields {
  const message = `events "${name}" already exists`
  return { code: 409, reason: 'AlreadyExists', message, details: { name, kind: 'events' } }
}

/** The namespace in the body differs from the one in the path. */
export function otherNamespace(): StatusFields {
  const message = 'the namespace of the provided object does not match the namespace sent on the request'
  return { code: 400, reason: 'BadRequest', message }
}

/** A body that is not the JSON of an event; a real server says more about its type. */
export function unrecognized(): StatusFields {
  return { code: 400, reason: 'BadRequest', message: 'the object provided is unrecognized (must be of type Event)' }
}

/** An event about an object in another namespace. */
export function otherInvolvedNamespace(name: string, namespace: string): StatusFields {
  const cause = `Invalid value: "${namespace}": does not match event.namespace`
  const field = 'involvedObject.namespace'
  const message = `Event "${name}" is invalid: ${field}: ${cause}`
  const causes = [{ reason: 'FieldValueInvalid', message: cause, field }]
  return { code: 422, reason: 'Invalid', message, details: { name, kind: 'Event', causes } }
}

/** A field that cannot be used in a selector. */
export function unsupportedField(field: string): StatusFields {
  return { code: 400, reason: 'BadRequest', message: `field label not supported: ${field}` }
}

/** A resourceVersion that is not a number. */
export function invalidVersion(version: string): StatusFields {
  const parsing = `strconv.ParseUint: parsing "${version}": invalid syntax`
  return { code: 500, message: `resourceVersion: Invalid value: "${version}": ${parsing}` }
}
