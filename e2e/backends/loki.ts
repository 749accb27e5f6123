import { nanosecondsOf } from '../../src/formats/nanoseconds.ts'
import type { AnswerCase, Backend } from './backend.ts'
import { fullDisk } from './victorialogs-answers.ts'

const type = 'loki'
/** So that a line that is JSON stays as it was; VictoriaLogs would make fields of it. */
const urlOf = (endpoint: string | undefined) => `${endpoint}?disable_message_parsing=1`
const LABEL = 'label_'
const structuredMetadata = { labels: ['*'] }

const answers: readonly AnswerCase[] = [
  {
    what: '400 for a tenant that is no number',
    sink: ({ LOKI_ENDPOINT }) => ({ type, url: urlOf(LOKI_ENDPOINT), tenant: { name: 'shop' } }),
    expected: { is: 'waits', error: /^HTTP 400: .*accountID/ },
  },
  {
    what: 'TLS',
    sink: ({ VICTORIALOGS_TLS, VICTORIALOGS_CA }) => {
      const url = urlOf(`${VICTORIALOGS_TLS}/insert/loki/api/v1/push`)
      return { type, url, structuredMetadata, tls: { caFile: VICTORIALOGS_CA } }
    },
    expected: { is: 'stored' },
  },
  {
    what: '400 for a path that it does not know',
    sink: ({ VICTORIALOGS }) => ({ type, url: `${VICTORIALOGS}/other` }),
    expected: { is: 'waits', error: /^HTTP 400: .*unsupported path/ },
  },
]

/** VictoriaLogs, which speaks Loki's protocol; Loki itself cannot be had here. Its own answers are played in test/support/loki-server.ts. */
export const loki: Backend = {
  name: 'loki',
  server: 'victorialogs',
  // It would lose the last ten seconds.
  forgetsAtKill: true,
  troubles: [fullDisk],
  sink: ({ LOKI_ENDPOINT }) => ({ type, url: urlOf(LOKI_ENDPOINT), structuredMetadata }),
  answers,
  read(line) {
    const record = JSON.parse(line)
    if (record.cluster === undefined || record.container !== 'app') return undefined
    const found = Object.entries(record).filter(([name]) => name.startsWith(LABEL))
    return {
      cluster: record.cluster,
      pod: record.pod,
      time: nanosecondsOf(record._time),
      stream: record.stream,
      body: record._msg ?? '',
      id: record.id,
      level: record.level,
      labels: Object.fromEntries(found.map(([name, value]) => [keyOf(name.slice(LABEL.length)), value])),
    }
  },
}

/** Of the two labels that the scenario has. */
function keyOf(name: string): string {
  return name === 'app_kubernetes_io_name' ? 'app.kubernetes.io/name' : name
}
