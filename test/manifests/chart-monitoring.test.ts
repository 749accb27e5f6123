import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { CHART } from '../../scripts/rendered-chart.ts'
import type { KubernetesObject } from './objects.ts'
import { renderedAgent, renderedObject, renderedObjects } from './rendered-chart.ts'

const examples = join(import.meta.dirname, '../../examples/monitoring')

interface Monitor extends KubernetesObject {
  readonly spec: {
    readonly selector: { readonly matchLabels: Record<string, string> }
    readonly endpoints?: readonly Endpoint[]
    readonly podMetricsEndpoints?: readonly Endpoint[]
  }
}

interface Endpoint {
  readonly port: string
  readonly path: string
}

test('the alerts and the dashboard of the chart are those of the examples', () => {
  for (const file of ['alerts.yaml', 'dashboard.json'])
    assert.equal(readFileSync(join(CHART, 'files', file), 'utf8'), readFileSync(join(examples, file), 'utf8'), file)
  const rule = renderedObject<{ spec: unknown }>('everything', 'PrometheusRule')
  assert.deepEqual(rule.spec, parse(readFileSync(join(examples, 'alerts.yaml'), 'utf8')))
})

test('the sidecar of Grafana finds the dashboard by its label', () => {
  const dashboard = renderedObjects('everything').find(({ metadata }) => metadata.name === 'loggy-dashboard')
  assert.equal(dashboard?.metadata.labels?.grafana_dashboard, '1')
  assert.equal(dashboard?.metadata.namespace, 'monitoring')
  const [[file = '', json = ''] = []] = Object.entries(dashboard?.data ?? {})
  assert.match(file, /\.json$/)
  assert.deepEqual(JSON.parse(json), JSON.parse(readFileSync(join(examples, 'dashboard.json'), 'utf8')))
})

test('a ServiceMonitor finds the Service, and that the port of the agents', () => {
  const service = renderedObject<
    KubernetesObject & { spec: { selector: Record<string, string>; ports: { name: string; targetPort: string }[] } }
  >('everything', 'Service')
  const { metadata, spec } = renderedObject<Monitor>('everything', 'ServiceMonitor')
  for (const [key, value] of Object.entries(spec.selector.matchLabels))
    assert.equal(service.metadata.labels?.[key], value)
  assert.equal(metadata.labels?.release, 'prometheus')
  const [port] = service.spec.ports
  assert.equal(spec.endpoints?.[0]?.port, port?.name)
  assert.equal(spec.endpoints?.[0]?.path, '/metrics')
  assert.equal(port?.targetPort, renderedAgent('everything').ports[0]?.name)
  assert.deepEqual(service.spec.selector, selectorOfAgents())
})

test('a PodMonitor finds the agents, and their port', () => {
  const { spec } = renderedObject<Monitor>('everything', 'PodMonitor')
  assert.deepEqual(spec.selector.matchLabels, selectorOfAgents())
  assert.equal(spec.podMetricsEndpoints?.[0]?.port, renderedAgent('everything').ports[0]?.name)
})

test('a NetworkPolicy leaves the port of the metrics open, and that alone', () => {
  const policy = renderedObject<{ spec: { podSelector: { matchLabels: unknown }; ingress: unknown; egress: unknown } }>(
    'everything',
    'NetworkPolicy',
  )
  assert.deepEqual(policy.spec.podSelector.matchLabels, selectorOfAgents())
  assert.deepEqual(policy.spec.ingress, [
    {
      ports: [{ protocol: 'TCP', port: renderedAgent('everything').ports[0]?.containerPort }],
      from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
    },
  ])
  assert.deepEqual(policy.spec.egress, [{ ports: [{ protocol: 'TCP', port: 443 }] }])
})

test('none of this is made unless it is asked for', () => {
  const kinds = new Set(renderedObjects('default').map(({ kind }) => kind))
  const wanted = ['ServiceAccount', 'ConfigMap', 'ClusterRole', 'ClusterRoleBinding', 'DaemonSet', 'Pod']
  assert.deepEqual([...kinds].sort(), wanted.sort())
})

function selectorOfAgents(): unknown {
  return renderedObject<KubernetesObject & { spec: { selector: { matchLabels: unknown } } }>('everything', 'DaemonSet')
    .spec.selector.matchLabels
}
