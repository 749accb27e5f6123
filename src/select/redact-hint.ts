import type { PodRecord } from '../model/pod-record.ts'
import { PRESETS } from '../model/redaction.ts'
import { hints } from './hint-names.ts'

/** What annotations add to the presets that hold for all pods: one bit each, and what says so. */
export interface RedactHint {
  readonly presets: number
  readonly rules: readonly string[]
}

/** The presets that a value of `loggy.io/redact` names, one bit each; undefined if it names anything else. */
export function presetsIn(value: string): number | undefined {
  let presets = 0
  for (const name of value.split(',')) {
    const index = (PRESETS as readonly string[]).indexOf(name.trim())
    if (index < 0) return undefined
    presets |= 1 << index
  }
  return presets
}

/** Whether it is an annotation of that kind: for the whole pod, or for one container. */
export function isRedactHint(annotation: string): boolean {
  return annotation === hints.redact || annotation.startsWith(`${hints.redact}.`)
}

/** What the pod's annotations add for the container. None takes anything away, whatever it says. */
export function redactHint(pod: Pick<PodRecord, 'annotations'> | undefined, container: string): RedactHint {
  const added = [hints.redact, `${hints.redact}.${container}`].flatMap((annotation) => {
    const value = pod?.annotations[annotation]
    const presets = value === undefined ? undefined : presetsIn(value)
    return presets === undefined ? [] : [{ presets, rule: `${annotation}: "${value}"` }]
  })
  return { presets: added.reduce((all, { presets }) => all | presets, 0), rules: added.map(({ rule }) => rule) }
}
