import { randomUUID } from 'node:crypto'
import manifest from '../../package.json' with { type: 'json' }
import type { Config } from '../config/schema.ts'
import { type ReadRecord, WHOLE_LINE } from '../formats/read-record.ts'
import { renderRecord } from '../formats/render-record.ts'
import type { Batch } from '../model/batch.ts'
import type { Format } from '../model/sink.ts'
import { createResourceOf } from '../pipeline/resource.ts'
import { hasIds, tenantOptions } from './part-options.ts'

/** Where a probe is sent from. */
export interface ProbeOrigin {
  readonly namespace: string
  readonly pod: string
  readonly time: Date
}

const LABELS = { 'app.kubernetes.io/name': 'loggy', 'loggy.io/probe': 'true' }

/** A batch of one entry that says what it is: a line that no container wrote. */
export function probeBatch(config: Config, format: Format, origin: ProbeOrigin): Batch {
  const { enrich, kubernetes, sink } = config
  const { namespace, pod } = origin
  const ref = { namespace, pod, container: 'loggy', uid: undefined, restartCount: undefined, containerID: undefined }
  const record = {
    ...ref,
    uid: randomUUID(),
    name: pod,
    node: kubernetes.nodeName,
    podIP: undefined,
    configHash: undefined,
    owner: undefined,
    labels: LABELS,
    annotations: {},
    containers: new Map(),
  }
  const around = { node: kubernetes.nodeName, namespaceLabels: undefined, nodeLabels: undefined }
  const partition = tenantOptions(sink).name
  const options = { hasIds: hasIds(config, format), partition }
  const program = format.compile(createResourceOf(enrich)(ref, record, around), options)
  const bytes = renderRecord(program, probeRecord(config, origin))
  return {
    partition,
    bytes,
    entryCount: 1,
    ends: Uint32Array.of(bytes.length),
    heads: [{ head: program.head, to: 1 }],
    positions: new Map(),
    bury() {},
  }
}

function probeRecord({ parse, kubernetes }: Config, { pod, time }: ProbeOrigin): ReadRecord {
  const at = time.toISOString()
  const text = `a probe of loggy ${manifest.version}, which no container wrote: sent by 'loggy check --probe' in ${pod} on node ${kubernetes.nodeName} at ${at}`
  return {
    // Another one each time, so that no destination takes it for a copy.
    id: `probe${randomUUID().replaceAll('-', '')}-0-${text.length}`,
    time: at,
    stream: 'stdout',
    level: parse.level === 'off' ? undefined : 'info',
    body: { form: 'text', text },
    ...WHOLE_LINE,
  }
}
