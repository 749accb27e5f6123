/** The members of a JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>

/** See JSON.parse. `source`: how a text, number, boolean or null is written. */
export type Reviver = (key: string, value: unknown, about: { readonly source?: string }) => unknown

/** Undefined for a text that is no JSON object. */
export function parseObject(text: string, reviver?: Reviver): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text, reviver as Parameters<typeof JSON.parse>[1])
    return isObject(value) ? value : undefined
  } catch (error) {
    // JSON.parse has no other way to say that a text is not JSON.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function membersOf(value: unknown): [string, unknown][] {
  return isObject(value) ? Object.entries(value) : []
}

/** The members that are texts. */
export function textsOf(value: unknown): [string, string][] {
  return membersOf(value).filter((one): one is [string, string] => typeof one[1] === 'string')
}
