import { bitsOf } from '../lib/bits.ts'
import type { PodRecord } from '../model/pod-record.ts'
import { PRESETS, type Preset } from '../model/redaction.ts'
import { containerHints } from './container-hint.ts'
import { hints } from './hint-names.ts'

/** What annotations add to the presets that hold for all pods: one bit each, and what says so. */
export interface RedactHint {
  readonly presets: number
  readonly rules: readonly string[]
}

/** The presets that a value of `loggy.io/redact` names, one bit each; undefined if it names anything else. */
export function presetsIn(value: string): number | undefined {
  const names = value.split(',').map((name) => name.trim())
  return names.every(isPreset) ? bitsOf(PRESETS, names) : undefined
}

function isPreset(name: string): name is Preset {
  return (PRESETS as readonly string[]).includes(name)
}

/** What the pod's annotations add for the container. None takes anything away, whatever it says. */
export function redactHint(pod: Pick<PodRecord, 'annotations'> | undefined, container: string): RedactHint {
  const added = containerHints(pod, { container, key: hints.redact, read: presetsIn }).reverse()
  return {
    presets: added.reduce((all, { meaning }) => all | meaning, 0),
    rules: added.map(({ annotation, value }) => `${annotation}: "${value}"`),
  }
}
