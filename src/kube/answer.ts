import { LoggyError } from '../lib/errors.ts'
import { type Fields, fieldsOf, textOf } from './fields.ts'

/** The resourceVersion of an object, a list or a bookmark. */
export function versionOf(object: Fields): string | undefined {
  return textOf(fieldsOf(object.metadata).resourceVersion)
}

/** Throws LoggyError `KUBE_PARSE`. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw parseError('no JSON', error)
  }
}

/** For an answer with status 200 whose body is invalid. */
export function parseError(what: string, cause?: unknown): LoggyError {
  return new LoggyError('KUBE_PARSE', `the API server sent ${what}`, { cause })
}
