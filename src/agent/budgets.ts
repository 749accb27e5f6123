import { Bucket, isLower, lower, type Rate, UNLIMITED } from '../lib/bucket.ts'
import type { Clock } from '../lib/clock.ts'
import { fairShares } from '../lib/fair-shares.ts'
import type { ContainerRef } from '../model/container-ref.ts'
import type { Limit, LimitChoice } from '../model/limit.ts'
import type { PodRecord } from '../model/pod-record.ts'

/** Milliseconds after which a container that wrote nothing has no share of its namespace's budget. */
const IDLE_MS = 60_000
/** A container gets more than it took lately, so that it can take more without being delayed first. */
const HEADROOM = 1.25
const OVER = ['delay', 'sample'] as const

export interface BudgetsOptions {
  readonly container: Limit
  /** Of all containers of a namespace on this node together. */
  readonly namespace: Limit
  /** What the pod's annotations say. */
  hintOf(pod: PodRecord | undefined, container: string): LimitChoice | undefined
}

export interface BudgetsParts {
  find(ref: ContainerRef): PodRecord | undefined
  readonly clock: Clock
}

/** The budgets of one container, all its instances together. */
export interface Budget {
  readonly namespace: string
  /** What is over is read later. */
  delay?: Bucket | undefined
  /** What is over is left out. */
  sample?: Bucket | undefined
  /** Its own limit, and what it may use of its namespace's. */
  own: Limit
  rule: string
  share: Rate
  usedMs: number
}

/** The budgets of all containers that have a limit. */
export class Budgets {
  readonly #parts: BudgetsParts
  #options: BudgetsOptions
  readonly #known = new WeakMap<ContainerRef, Known>()
  #version = 0
  readonly #budgets = new Map<string, Budget>()

  constructor(options: BudgetsOptions, parts: BudgetsParts) {
    this.#options = options
    this.#parts = parts
  }

  configure(options: BudgetsOptions): void {
    this.#options = options
    this.#budgets.clear()
    this.reconsider()
  }

  /** Pods have changed: the annotations of each are looked at again when its budget is asked for. */
  reconsider(): void {
    this.#version += 1
  }

  /** The container's budget; undefined if it has none. */
  of(ref: ContainerRef): Budget | undefined {
    let known = this.#known.get(ref)
    if (known?.version !== this.#version) {
      known = this.#look(ref, known)
      this.#known.set(ref, known)
    }
    const { budget } = known
    if (budget === undefined) return undefined
    budget.usedMs = this.#parts.clock.monotonic()
    const name = nameOf(ref)
    if (!this.#budgets.has(name)) this.#join(name, budget)
    return budget
  }

  /** `before`: what was known of it, if anything. */
  #look(ref: ContainerRef, before: Known | undefined): Known {
    const pod = this.#parts.find(ref)
    const isSame = before !== undefined && before.pod === pod && before.options === this.#options
    const budget = isSame ? before.budget : this.#budgetOf(ref, pod, before?.budget)
    return { version: this.#version, pod, options: this.#options, budget }
  }

  /** Its limits, for people. */
  rulesOf(ref: ContainerRef): string[] {
    const budget = this.#known.get(ref)?.budget
    if (budget === undefined) return []
    const { namespace } = this.#options
    const limits: [rule: string, limit: Limit][] = [
      [budget.rule, budget.own],
      ['limit.namespace', namespace],
    ]
    return limits.filter(([, limit]) => isLower(limit, UNLIMITED)).map(([rule, limit]) => `${rule}: ${rateText(limit)}`)
  }

  /** Why lines are left out. */
  sampleRuleOf(ref: ContainerRef): string {
    const { own, rule } = this.#known.get(ref)?.budget ?? { own: this.#options.container, rule: 'limit.container' }
    const isOwn = own.over === 'sample' && isLower(own, UNLIMITED)
    const { namespace } = this.#options
    const isShared = namespace.over === 'sample' && isLower(namespace, UNLIMITED)
    const share = this.#known.get(ref)?.budget?.share ?? UNLIMITED
    return isOwn && !(isShared && isLower(share, own))
      ? `${rule}: ${rateText(own)}`
      : `limit.namespace: ${rateText(namespace)}`
  }

  /** Divides the budgets of namespaces anew, by what their containers asked for; call each second. */
  rebalance(): void {
    const nowMs = this.#parts.clock.monotonic()
    for (const [name, { usedMs }] of this.#budgets) if (nowMs - usedMs > IDLE_MS) this.#budgets.delete(name)
    if (!isLower(this.#options.namespace, UNLIMITED)) return
    for (const members of Map.groupBy(this.#budgets.values(), ({ namespace }) => namespace).values())
      this.#share(members)
  }

  #share(members: readonly Budget[]): void {
    const { namespace } = this.#options
    const demands = members.map(({ [namespace.over]: bucket }) => bucket?.demand() ?? UNLIMITED)
    const shares = (name: keyof Rate) => {
      const total = namespace[name]
      if (total === Number.POSITIVE_INFINITY) return members.map(() => total)
      const equal = total / members.length
      return fairShares(
        total,
        demands.map((demand) => demand[name] * HEADROOM),
      ).map((share) => Math.max(share, equal))
    }
    const [lines, bytes] = [shares('linesPerSecond'), shares('bytesPerSecond')]
    members.forEach((budget, index) => {
      budget.share = { linesPerSecond: lines[index] ?? 0, bytesPerSecond: bytes[index] ?? 0 }
      this.#apply(budget)
    })
  }

  #budgetOf(ref: ContainerRef, pod: PodRecord | undefined, before: Budget | undefined): Budget | undefined {
    const { container, namespace, hintOf } = this.#options
    const hint = hintOf(pod, ref.container)
    const isLowered = hint !== undefined && isLower(hint.rate, container)
    const own = isLowered ? { ...container, ...lower(container, hint.rate) } : container
    if (!isLower(own, UNLIMITED) && !isLower(namespace, UNLIMITED)) return undefined
    const budget = this.#budgets.get(nameOf(ref)) ??
      before ?? { namespace: ref.namespace, own, rule: '', share: UNLIMITED, usedMs: 0 }
    Object.assign(budget, { own, rule: isLowered ? hint.rule : 'limit.container' })
    this.#apply(budget)
    return budget
  }

  /** A container that is new in its namespace begins with an equal share. */
  #join(name: string, budget: Budget): void {
    this.#budgets.set(name, budget)
    const { namespace } = this.#options
    let members = 0
    for (const other of this.#budgets.values()) if (other.namespace === budget.namespace) members += 1
    budget.share = {
      linesPerSecond: namespace.linesPerSecond / members,
      bytesPerSecond: namespace.bytesPerSecond / members,
    }
    this.#apply(budget)
  }

  #apply(budget: Budget): void {
    const limits = [budget.own, { ...this.#options.namespace, ...budget.share }]
    for (const over of OVER) {
      const own = limits.filter((limit) => limit.over === over && isLower(limit, UNLIMITED))
      const rate = own.reduce<Rate>(lower, UNLIMITED)
      const burstMs = Math.min(...own.map((limit) => limit.burstMs))
      if (own.length === 0) budget[over] = undefined
      else if (budget[over] === undefined) budget[over] = new Bucket(rate, burstMs)
      else Object.assign(budget[over], { rate, burstMs })
    }
  }
}

interface Known {
  /** See `reconsider`. */
  readonly version: number
  readonly pod: PodRecord | undefined
  readonly options: BudgetsOptions
  readonly budget: Budget | undefined
}

function nameOf({ namespace, pod, uid, container }: ContainerRef): string {
  return `${namespace}/${uid ?? pod}/${container}`
}

function rateText({ linesPerSecond, bytesPerSecond }: Rate): string {
  const parts = [
    ...(linesPerSecond < Number.POSITIVE_INFINITY ? [`${linesPerSecond} lines/s`] : []),
    ...(bytesPerSecond < Number.POSITIVE_INFINITY ? [`${bytesPerSecond} bytes/s`] : []),
  ]
  return parts.join(' and ')
}
