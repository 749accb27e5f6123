import type { Rate } from '../lib/bucket.ts'
import { parseByteSize } from '../lib/byte-size.ts'
import type { LimitChoice } from '../model/limit.ts'
import type { PodRecord } from '../model/pod-record.ts'
import { containerHints } from './container-hint.ts'
import { hints } from './hint-names.ts'

const PART = /^(linesPerSecond|bytesPerSecond)=(\w{1,20})$/

/** What a value of `loggy.io/limit` says, such as `linesPerSecond=100,bytesPerSecond=64Ki`; undefined if it is none. */
export function limitIn(value: string): Rate | undefined {
  const rate = { linesPerSecond: Number.POSITIVE_INFINITY, bytesPerSecond: Number.POSITIVE_INFINITY }
  for (const part of value.split(',')) {
    const [, name, text = ''] = PART.exec(part.trim()) ?? []
    if (name !== 'linesPerSecond' && name !== 'bytesPerSecond') return undefined
    const amount = name === 'bytesPerSecond' ? parseByteSize(text) : /^\d+$/.test(text) ? Number(text) : undefined
    if (amount === undefined || amount < 1 || rate[name] !== Number.POSITIVE_INFINITY) return undefined
    rate[name] = amount
  }
  return rate
}

/** What the pod's annotations say for the container; undefined if they say nothing. */
export function limitHint(pod: Pick<PodRecord, 'annotations'> | undefined, container: string): LimitChoice | undefined {
  const [said] = containerHints(pod, { container, key: hints.limit, read: limitIn })
  return said && { rate: said.meaning, rule: said.annotation }
}
