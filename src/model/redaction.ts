/** What is looked for in lines, by what `redact.presets` and `loggy.io/redact` call it. A preset's place is its bit in the kernel: see kernel/layout.ts. */
export const PRESETS = ['cards', 'emails', 'tokens', 'ips'] as const

export type Preset = (typeof PRESETS)[number]

/** Patterns of the operator: as many as there are bits for rules. */
export const MOST_PATTERNS = 24

/** A line of 200 bytes takes 1 ms at the most then: a slip of the operator's must not cost a node its processor. */
export const PATTERN_LIMITS = { length: 500, steps: 500 } as const

/** A record's body as it leaves the node. */
export interface RedactedBody {
  readonly text: string
  /** One bit for each rule that hit. */
  readonly rules: number
}

/** Finds secrets in bodies and puts marks in their place. */
export interface Redactor {
  /** Names of the rules, by their bits: presets, what was cut, and patterns. */
  readonly rules: readonly string[]
  /** Of each pattern, a text that all it matches has; undefined where there is none, and each line has to be looked at. */
  readonly literals: readonly (string | undefined)[]
  /** `presets`: one bit each; `isCut`: an end of the body is not the record's. Undefined if nothing was found. */
  redact(
    body: string,
    looked: { readonly presets: number; readonly usesPatterns: boolean; readonly isCut: boolean },
  ): RedactedBody | undefined
}

/** Which presets hold for a container, one bit each, and the options and annotations that say so. */
export interface RedactChoice {
  readonly presets: number
  readonly rule: string
}
