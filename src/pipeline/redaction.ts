import type { Kernel } from '../kernel/kernel.ts'
import * as layout from '../kernel/layout.ts'
import { Redactions } from '../kernel/redactions.ts'
import type { Table } from '../kernel/table.ts'
import { namesOf } from '../lib/bits.ts'
import { PRESETS, type RedactedBody, type Redactor } from '../model/redaction.ts'
import type { Lane } from './lane.ts'
import type { Stage } from './stage.ts'

const ALL_PRESETS = (1 << PRESETS.length) - 1

/** The stage that puts marks in place of secrets: in records in which the kernel has seen what may be one. It comes before all others in TypeScript. */
export class Redaction implements Stage {
  /** Records in which a rule has redacted something, by the rule's name. */
  readonly counts = new Map<string, number>()
  readonly #redactor: Redactor
  readonly #kernel: Kernel
  readonly #redactions: Redactions
  /** What each lane's lines are looked through for, whatever its presets. */
  readonly #patterns: number
  /** Names of rules, by their bits. */
  readonly #names = new Map<number, { readonly list: string; readonly names: string }>()

  constructor(redactor: Redactor, kernel: Kernel) {
    this.#redactor = redactor
    this.#kernel = kernel
    this.#redactions = new Redactions(kernel)
    const { literals } = redactor
    const known = literals.filter((literal) => literal !== undefined)
    this.#redactions.setLiterals(known.map((literal) => Buffer.from(literal)))
    const always = known.length < literals.length ? layout.LOOK_ALWAYS : 0
    this.#patterns = literals.length === 0 ? 0 : layout.LOOK_PATTERNS | always
  }

  /** The next rows are the lane's. */
  load(lane: Lane): void {
    this.#redactions.looks = lane.redacts | this.#patterns
  }

  annotate(table: Table, from: number, to: number): number {
    this.#redactions.begin()
    for (let index = from; index < to; index += 1) {
      const suspicion = this.#redactions.suspicionOf(index)
      if (suspicion !== 0) this.#look(table, index, suspicion)
    }
    return to
  }

  #look(table: Table, index: number, suspicion: number): void {
    const isDropped = (table.flagsOf(index) & layout.DROPPED) !== 0
    const body = isDropped ? undefined : Buffer.from(table.bodyOf(index))
    const found = body && this.#redactor.redact(body.toString(), looked(suspicion))
    if (body === undefined || found === undefined) this.#redactions.clear(index)
    else this.#redactions.replace(table, index, { ...found, bytes: body.length, ...this.#namesOf(found) })
  }

  #namesOf({ rules }: RedactedBody): { readonly list: string; readonly names: string } {
    const known = this.#names.get(rules)
    if (known !== undefined) return known
    const hit = namesOf(this.#redactor.rules, rules)
    const names = { list: JSON.stringify(hit), names: hit.join() }
    this.#names.set(rules, names)
    return names
  }

  /** Counts what was rendered since the last call. `run`: address of RUN. */
  count(run: number): void {
    const kernel = this.#kernel
    if (kernel.get(run + layout.RUN_REDACTED) === 0) return
    kernel.put(run + layout.RUN_REDACTED, 0)
    for (const [index, name] of this.#redactor.rules.entries()) {
      const at = run + layout.COUNT_REDACTED + index * layout.WORD
      const count = kernel.get(at)
      if (count > 0) this.counts.set(name, (this.counts.get(name) ?? 0) + count)
      kernel.put(at, 0)
    }
  }
}

function looked(suspicion: number) {
  return {
    presets: suspicion & ALL_PRESETS,
    usesPatterns: (suspicion & layout.LOOK_PATTERNS) !== 0,
    isCut: (suspicion & layout.LOOK_CUT) !== 0,
  }
}
