import type { Backend } from './backend.ts'

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

/** The OpenTelemetry Collector. */
export const otlp: Backend = {
  name: 'otlp',
  server: 'otelcol',
  sink: ({ OTLP_ENDPOINT }) => ({ type: 'otlp', url: OTLP_ENDPOINT }),
  read(line) {
    const time = TIME.exec(line)?.[1]
    if (time === undefined) return undefined
    const { body, severityNumber, attributes, resource } = JSON.parse(line)
    const labels = Object.entries(resource).filter(([name]) => name.startsWith(LABEL))
    return {
      cluster: resource['k8s.cluster.name'],
      pod: resource['k8s.pod.name'],
      time: BigInt(time),
      stream: attributes['log.iostream'],
      body: body ?? '',
      id: attributes['log.record.uid'],
      level: NUMBERS[severityNumber],
      labels: Object.fromEntries(labels.map(([name, value]) => [name.slice(LABEL.length), value])),
    }
  },
}
