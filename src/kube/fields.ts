/** Reads values of unknown type; values of a wrong type count as missing. */

export type Fields = Readonly<Record<string, unknown>>

/** An object's fields; none if the value is not an object. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {}
}

/** A text that is not empty. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The elements of an array; none if the value is not an array. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The entries of a map of strings; entries with other values are dropped. */
export function stringsOf(value: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fieldsOf(value)).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}
