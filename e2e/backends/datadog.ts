import { nanosecondsOf } from '../../src/formats/nanoseconds.ts'
import type { Backend, Environment } from './backend.ts'
import { labelsOf } from './labels.ts'
import { fullDisk, victoriaLogsAnswers } from './victorialogs-answers.ts'

const url = ({ DATADOG_ENDPOINT = '' }: Environment) => DATADOG_ENDPOINT

/** VictoriaLogs, which speaks the protocol of Datadog's intake, and takes any key. */
export const datadog: Backend = {
  name: 'datadog',
  server: 'victorialogs',
  forgetsAtKill: true,
  troubles: [fullDisk],
  sink: (env) => ({ type: 'datadog', url: url(env) }),
  answers: victoriaLogsAnswers('datadog', url),
  read(line) {
    const record = JSON.parse(line)
    if (record.ddsource === undefined) return undefined
    return {
      cluster: record['k8s.cluster.name'],
      pod: record['k8s.pod.name'],
      time: nanosecondsOf(record.time),
      stream: record['log.iostream'],
      body: record._msg,
      id: record['log.record.uid'],
      level: record.status,
      labels: labelsOf(record, 'k8s.pod.label.'),
    }
  },
}
