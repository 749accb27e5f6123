import { nanosecondsOf } from '../../src/formats/nanoseconds.ts'
import type { Backend } from './backend.ts'
import { labelsOf } from './labels.ts'
import { proveLongLines } from './long-lines.ts'
import { recipeOf } from './recipe.ts'
import { fullDisk } from './victorialogs-answers.ts'

/** VictoriaLogs by lines of JSON, as docs/destinations/victorialogs.md has it. */
export const victorialogs: Backend = {
  name: 'victorialogs',
  server: 'victorialogs',
  forgetsAtKill: true,
  troubles: [fullDisk],
  sink: ({ VICTORIALOGS }) => recipeOf('victorialogs', VICTORIALOGS),
  prove: proveLongLines,
  read(line) {
    const record = JSON.parse(line)
    const pod = record['kubernetes.pod']
    if (pod === undefined) return undefined
    return {
      cluster: record.cluster,
      pod,
      time: nanosecondsOf(record._time),
      stream: record.stream,
      body: record._msg,
      id: record.id,
      level: record.level,
      labels: labelsOf(record, 'kubernetes.labels.'),
    }
  },
}
