import type { AnswerCase, Backend, Environment, Trouble } from './backend.ts'
import { labelsOf } from './labels.ts'

const LABEL = 'k8s.pod.label.'
/** JSON's numbers are too small for it in JavaScript. */
const TIME = /^\{"receiver": "otlp", "time": (\d+),/
const NUMBERS: Readonly<Record<number, string>> = {
  1: 'trace',
  5: 'debug',
  9: 'info',
  13: 'warn',
  17: 'error',
  21: 'fatal',
}

const type = 'otlp'
const answers: readonly AnswerCase[] = [
  {
    what: '400 for a body above 64 KiB',
    sink: ({ OTLP_SMALL }) => ({ type, url: OTLP_SMALL }),
    expected: { is: 'stored', isSplit: true },
  },
  {
    what: '429 since the next server takes 1 MiB',
    padding: 600_000,
    sink: ({ OTLP_THROTTLING }) => ({ type, url: OTLP_THROTTLING }),
    expected: { is: 'accepted', isSplit: true },
  },
  {
    what: 'TLS and a token',
    sink: ({ OTLP_SECURE, OTLP_CA, OTLP_TOKEN }) => {
      const authorization = `Bearer ${OTLP_TOKEN}`
      return { type, url: OTLP_SECURE, tls: { caFile: OTLP_CA }, headers: { authorization } }
    },
    expected: { is: 'stored' },
  },
  {
    what: '401 without a token',
    sink: ({ OTLP_SECURE, OTLP_CA }) => ({ type, url: OTLP_SECURE, tls: { caFile: OTLP_CA } }),
    expected: { is: 'waits', error: /^HTTP 401: .*credentials/ },
  },
  {
    what: '503, its backend is down',
    sink: ({ OTLP_UNAVAILABLE }) => ({ type, url: OTLP_UNAVAILABLE }),
    expected: { is: 'waits', error: /^HTTP 503/ },
  },
  {
    what: '503, its memory is full',
    sink: ({ OTLP_OVERLOADED }) => ({ type, url: OTLP_OVERLOADED }),
    expected: { is: 'waits', error: /^HTTP 503: .*memory/ },
  },
  {
    what: '404, its backend refuses',
    sink: ({ OTLP_REJECTING }) => ({ type, url: OTLP_REJECTING }),
    expected: { is: 'waits', error: /^HTTP 404/ },
  },
]

/** Requests go to a port of the same server that answers otherwise. */
function diverted(to: (env: Environment) => string | undefined): Trouble {
  return ({ env, link, during }) => link.divert(to(env) ?? '', during)
}

/** The OpenTelemetry Collector. */
export const otlp: Backend = {
  name: 'otlp',
  server: 'otelcol',
  sink: ({ OTLP_ENDPOINT = '' }) => ({ type: 'otlp', url: OTLP_ENDPOINT }),
  answers,
  troubles: [
    diverted(({ OTLP_UNAVAILABLE }) => OTLP_UNAVAILABLE),
    diverted(({ OTLP_OVERLOADED }) => OTLP_OVERLOADED),
    diverted(({ OTLP_REJECTING }) => OTLP_REJECTING),
  ],
  read(line) {
    const time = TIME.exec(line)?.[1]
    if (time === undefined) return undefined
    const { body, severityNumber, attributes, resource } = JSON.parse(line)
    return {
      cluster: resource['k8s.cluster.name'],
      pod: resource['k8s.pod.name'],
      time: BigInt(time),
      stream: attributes['log.iostream'],
      body: body ?? '',
      id: attributes['log.record.uid'],
      level: NUMBERS[severityNumber],
      labels: labelsOf(resource, LABEL),
    }
  },
}
