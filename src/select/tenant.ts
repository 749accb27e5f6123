import { globs, type NameMatch } from '../lib/glob.ts'
import type { PodRecord } from '../model/pod-record.ts'
import { hints } from './hint.ts'

export interface TenantOptions {
  /** Of the entries whose pod chooses none; empty for no tenant. */
  readonly name: string
  /** Tenants that pods may choose; names take globs. */
  readonly allow: readonly string[]
}

/** Which tenant a pod's entries belong to, at a destination that several share. Each tenant is a partition: delivered by itself. */
export class Tenants {
  readonly #name: string
  readonly #isAllowed: NameMatch

  constructor({ name, allow }: TenantOptions) {
    this.#name = name
    this.#isAllowed = globs(allow)
  }

  /** One that is not allowed is ignored, so that no pod writes to another tenant. */
  of(pod: Pick<PodRecord, 'annotations'> | undefined): string {
    const chosen = pod?.annotations[hints.tenant] ?? ''
    return this.allows(chosen) ? chosen : this.#name
  }

  /** Whether pods may choose it. It goes into a header as it is. */
  allows(tenant: string): boolean {
    return /^[\x21-\x7e]{1,150}$/.test(tenant) && this.#isAllowed(tenant)
  }
}
