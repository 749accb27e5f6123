import { describeError } from '../lib/errors.ts'
import { parseLineCount } from '../lib/line-count.ts'

/** An invalid request: the message is the response, with status 400. */
export class QueryError extends Error {}

/** Characters of one value; a selector with many labels has a few hundred. */
const LONGEST_VALUE = 2000

/** The parameters of a query by name. Throws QueryError for an unknown name, a repeated one, or a value that is too long. */
export function parseQuery<const Name extends string>(
  query: URLSearchParams,
  names: readonly Name[],
): Readonly<Partial<Record<Name, string>>> {
  const values: Partial<Record<Name, string>> = {}
  for (const [name, value] of query) {
    const known = names.find((candidate) => candidate === name)
    if (known === undefined) throw new QueryError(`unknown parameter '${name}': expected ${names.join(', ')}`)
    if (values[known] !== undefined) throw new QueryError(`parameter '${name}' is given twice`)
    if (value.length > LONGEST_VALUE)
      throw new QueryError(`parameter '${name}' is longer than ${LONGEST_VALUE} characters`)
    values[known] = value
  }
  return values
}

/** The number of lines that are to be explained. Throws QueryError if it is none. */
export function lineCountIn(text: string): number {
  try {
    return parseLineCount(text)
  } catch (error) {
    throw new QueryError(`parameter 'lines': ${describeError(error)}`)
  }
}
