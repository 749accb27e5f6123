import { globs, type NameMatch } from '../lib/glob.ts'
import type { PodRecord } from '../model/pod-record.ts'
import { hints } from './hint.ts'

export interface TenantOptions {
  /** The tenant of pods that do not choose one; empty for none. */
  readonly name: string
  /** Tenants that pods may choose; globs are allowed. */
  readonly allow: readonly string[]
}

/** Which tenant of a shared destination a pod's entries belong to. Each tenant is a partition of its own. */
export class Tenants {
  readonly #name: string
  readonly #isAllowed: NameMatch

  constructor({ name, allow }: TenantOptions) {
    this.#name = name
    this.#isAllowed = globs(allow)
  }

  /** A tenant that is not allowed is ignored, so that no pod can write to other tenants. */
  of(pod: Pick<PodRecord, 'annotations'> | undefined): string {
    const chosen = pod?.annotations[hints.tenant] ?? ''
    return this.allows(chosen) ? chosen : this.#name
  }

  /** Whether pods may choose it. It becomes a header value unchanged. */
  allows(tenant: string): boolean {
    return /^[\x21-\x7e]{1,150}$/.test(tenant) && this.#isAllowed(tenant)
  }
}
