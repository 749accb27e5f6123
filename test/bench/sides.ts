import { resolve } from 'node:path'

const BUNDLE = 'dist/loggy.mjs'

/** What is compared: a bundle, with or without options of its own. */
export interface Side {
  readonly program: string
  readonly config?: object
}

/** `against`: the other checkout; this one, if absent. `config`: JSON, for this checkout's bundle only. */
export function sidesOf(against: string | undefined, config: string | undefined): readonly [own: Side, other: Side] {
  const own = { program: resolve(BUNDLE), ...(config && { config: JSON.parse(config) }) }
  return [own, { program: resolve(against ?? '.', BUNDLE) }]
}
