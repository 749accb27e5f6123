/** A fault in what was asked: its message is the answer, under status 400. */
export class QueryError extends Error {}

/** Characters of one value; a selector on many labels has some hundreds. */
const LONGEST_VALUE = 2000

/** The values of a query by name. Throws QueryError for a name that is not among `names`, one given twice, or an endless value. */
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
