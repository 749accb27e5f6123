import { nanosecondsOf } from '../../src/formats/nanoseconds.ts'
import type { Backend, Environment } from './backend.ts'
import { labelsOf } from './labels.ts'
import { fullDisk, victoriaLogsAnswers } from './victorialogs-answers.ts'

const FIELD = 'fields.'
const url = ({ SPLUNK_ENDPOINT = '' }: Environment) => `${SPLUNK_ENDPOINT}/services/collector/event`

/** VictoriaLogs, which speaks the protocol of Splunk's HTTP Event Collector, without acknowledgements, and takes any token. */
export const splunk: Backend = {
  name: 'splunk',
  server: 'victorialogs',
  forgetsAtKill: true,
  troubles: [fullDisk],
  sink: (env) => ({ type: 'splunk', url: url(env) }),
  answers: victoriaLogsAnswers('splunk', url),
  read(line) {
    const record = JSON.parse(line)
    if (record.sourcetype === undefined) return undefined
    return {
      cluster: record[`${FIELD}k8s.cluster.name`],
      pod: record[`${FIELD}k8s.pod.name`],
      time: nanosecondsOf(record._time),
      stream: record[`${FIELD}log.iostream`],
      body: record._msg,
      id: record[`${FIELD}log.record.uid`],
      level: record[`${FIELD}level`],
      labels: labelsOf(record, `${FIELD}k8s.pod.label.`),
    }
  },
}
