import { globs, type NameMatch } from '../lib/glob.ts'
import type { PodRecord } from '../model/pod-record.ts'
import { hints } from './hint-names.ts'

export interface TenantOptions {
  /** The tenant of pods that do not choose one; empty for none. */
  readonly name: string
  /** Tenants that pods may choose; globs are allowed. */
  readonly allow: readonly string[]
  /** What tells a destination's tenants apart. */
  readonly by?: TenantWord
}

export type TenantWord = 'tenant' | 'dataset'

/** A tenant's name becomes a header value, a dataset's a part of an index name, both unchanged. Elastic allows a dataset no hyphen. */
const FORMS = { tenant: /^[\x21-\x7e]{1,150}$/, dataset: /^[a-z0-9_.]{1,100}$/ } as const

/** Which tenant of a shared destination, or which of its datasets, a pod's entries belong to. Each is a partition of its own. */
export class Tenants {
  readonly #name: string
  readonly #by: TenantWord
  readonly #isAllowed: NameMatch

  constructor({ name, allow, by = 'tenant' }: TenantOptions) {
    this.#name = name
    this.#by = by
    this.#isAllowed = globs(allow)
  }

  /** A tenant that is not allowed is ignored, so that no pod can write to other tenants. */
  of(pod: Pick<PodRecord, 'annotations'> | undefined): string {
    const chosen = pod?.annotations[hints[this.#by]] ?? ''
    return this.allows(chosen, this.#by) ? chosen : this.#name
  }

  /** Whether pods may choose it. */
  allows(tenant: string, by: TenantWord): boolean {
    return by === this.#by && FORMS[by].test(tenant) && this.#isAllowed(tenant)
  }
}
