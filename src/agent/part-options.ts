import type { Config } from '../config/schema.ts'
import type { Sink } from '../delivery/delivery.ts'
import { bitsOf } from '../lib/bits.ts'
import type { Rotation } from '../lib/loss-horizon.ts'
import type { Limit } from '../model/limit.ts'
import type { PodRecord } from '../model/pod-record.ts'
import { PRESETS, type RedactChoice } from '../model/redaction.ts'
import type { Format } from '../model/sink.ts'
import type { LanesOptions } from '../pipeline/lanes.ts'
import type { JudgeOptions } from '../pipeline/pipeline.ts'
import { createResourceOf } from '../pipeline/resource.ts'
import type { AdmissionOptions } from '../select/admission.ts'
import { limitHint } from '../select/limit-hint.ts'
import { multilineHint } from '../select/multiline-hint.ts'
import { redactHint } from '../select/redact-hint.ts'
import type { TenantOptions } from '../select/tenant.ts'
import type { BudgetsOptions } from './budgets.ts'

// What the configuration means for the agent's parts.

export function admissionOptions({ select, enrich }: Config): AdmissionOptions {
  return { ...select, waitForMetadata: enrich.waitForMetadata }
}

/** Whether records have ids: as configured, or because the destination needs them. */
export function hasIds({ enrich }: Pick<Config, 'enrich'>, { needsIds }: Format): boolean {
  return enrich.recordId || needsIds === true
}

export function lanesOptions(config: Config, { format }: Sink): LanesOptions {
  const { enrich, parse, select } = config
  const usual = { multiline: parse.multiline, rule: `parse.multiline: ${parse.multiline}` }
  const hintOf = select.podAnnotations ? multilineHint : () => undefined
  return {
    resourceOf: createResourceOf(enrich),
    hasIds: hasIds(config, format),
    multilineOf: ({ container }, pod) => hintOf(pod, container) ?? usual,
    redactOf: ({ container }, pod) => redactChoice(config, container, select.podAnnotations ? pod : undefined),
  }
}

/** The presets of all pods, and what the pod adds to them. */
function redactChoice({ redact }: Config, container: string, pod: PodRecord | undefined): RedactChoice {
  const { presets, rules } = redactHint(pod, container)
  const own = redact.presets.length > 0 ? ['redact.presets'] : []
  return { presets: bitsOf(PRESETS, redact.presets) | presets, rule: [...own, ...rules].join(' and ') }
}

export function budgetsOptions({ limit, select }: Config): BudgetsOptions {
  const hintOf: BudgetsOptions['hintOf'] = select.podAnnotations ? limitHint : () => undefined
  return { container: limitOf(limit.container), namespace: limitOf(limit.namespace), hintOf }
}

function limitOf({ linesPerSecond, bytesPerSecond, burst, over }: Config['limit']['container']): Limit {
  const rate = (perSecond: number) => (perSecond === 0 ? Number.POSITIVE_INFINITY : perSecond)
  return { linesPerSecond: rate(linesPerSecond), bytesPerSecond: rate(bytesPerSecond), burstMs: burst, over }
}

/** The kubelet's settings, as the configuration has them. */
export function rotationOf({ metrics }: Pick<Config, 'metrics'>): Rotation {
  return { maxBytes: metrics.containerLogMaxSize, maxFiles: metrics.containerLogMaxFiles }
}

/** Which partitions a sink has. */
export function tenantOptions(sink: Config['sink']): TenantOptions {
  // The usual dataset is no partition's name.
  if ('dataStream' in sink) return { name: '', allow: sink.dataStream.allow, by: 'dataset' }
  return 'tenant' in sink ? sink.tenant : { name: '', allow: [] }
}

/** Of lines from all containers: the destination may take less than is read. */
export function maxLineBytes({ source, sink }: Config): number {
  return 'maxLineBytes' in sink ? Math.min(source.maxLineBytes, sink.maxLineBytes) : source.maxLineBytes
}

export function judgeOptions({ select, parse }: Config): JudgeOptions {
  return { json: parse.json, level: parse.level, minLevel: select.minLevel }
}
