import * as v from 'valibot'

/** What the schema adds to a kind of value. */
export type Described = {
  /** One line. */
  readonly description: string
  /** The long name on the command line, without its dashes; only the common options have one. */
  readonly flag?: string
  /** One letter. */
  readonly short?: string
  /** The value is never shown. */
  readonly isSecret?: boolean
  /** Shown in place of a default that is not a constant. */
  readonly defaultText?: string
}

/** A value with a default. */
export function option<const Schema extends v.GenericSchema, const Default extends v.InferInput<Schema>>(
  schema: Schema,
  defaultValue: Default,
  about: Described,
) {
  return v.optional(described(schema, about), defaultValue)
}

/** A value that must be given. */
export function described<const Schema extends v.GenericSchema>(schema: Schema, about: Described) {
  return v.pipe(schema, v.metadata({ ...about }))
}
