import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { CHART } from '../../scripts/rendered-chart.ts'
import type { DaemonSet } from './objects.ts'
import {
  hostPathsOf,
  renderedAgent,
  renderedNotes,
  renderedObject,
  renderedObjects,
  renderedPod,
} from './rendered-chart.ts'

const schema = JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8'))
const platforms: string[] = schema.properties.platform.enum.filter((name: string) => name !== '')
const LOGS = { path: '/var/log', readOnly: true }
const kept = (path = '/var/lib/loggy') => [LOGS, { path, readOnly: false }]

test('each platform has a profile, values with which it is rendered, and a section in the documentation', () => {
  const { default: _, ...profiles } = parse(readFileSync(join(CHART, 'files/platforms.yaml'), 'utf8'))
  assert.deepEqual(Object.keys(profiles).sort(), platforms.toSorted())
  const page = readFileSync(join(import.meta.dirname, '../../docs/kubernetes.md'), 'utf8')
  for (const platform of platforms) {
    assert.ok(renderedObjects(platform).length > 0)
    assert.match(page, new RegExp(`^### .*\`${platform}\`$`, 'm'))
  }
})

test('on GKE a quota admits pods of the priority class that agents have', () => {
  for (const name of ['gke', 'gke-autopilot']) {
    const quota = renderedObject<{ spec: { scopeSelector: { matchExpressions: unknown } } }>(name, 'ResourceQuota')
    const { priorityClassName } = renderedPod(name)
    assert.deepEqual(quota.spec.scopeSelector.matchExpressions, [
      { scopeName: 'PriorityClass', operator: 'In', values: [priorityClassName] },
    ])
  }
  // Elsewhere it would only hold up the first pods, until its usage is known.
  assert.ok(renderedObjects('default').every(({ kind }) => kind !== 'ResourceQuota'))
  assert.deepEqual(hostPathsOf('gke'), kept())
})

test('on GKE Autopilot no volume of the host is writable or outside /var/log', () => {
  assert.deepEqual(hostPathsOf('gke-autopilot'), [LOGS])
  const state = renderedPod('gke-autopilot').volumes.find(({ name }) => name === 'state')
  assert.deepEqual(state?.emptyDir, {})
})

test('on GKE Autopilot the notes say what is lost by that', () => {
  const notes = renderedNotes('gke-autopilot').replaceAll(/\s+/g, ' ')
  assert.match(notes, /positions and dead letters are in an emptyDir/)
  assert.match(notes, /end with the pod/)
  assert.doesNotMatch(notes, /stay on the nodes, so that/)
})

test('on GKE Autopilot with an allowlist positions are on the node', () => {
  const name = 'gke-autopilot-allowlist'
  assert.deepEqual(hostPathsOf(name), kept())
  const { labels } = renderedObject<DaemonSet>(name, 'DaemonSet').spec.template.metadata
  assert.equal(labels?.['cloud.google.com/matching-allowlist'], 'loggy-v1')
  const synchronizer = renderedObject<{ spec: unknown }>(name, 'AllowlistSynchronizer')
  assert.deepEqual(synchronizer.spec, { allowlistPaths: ['gs://example-allowlists/loggy/*'] })
  assert.doesNotMatch(renderedNotes(name), /emptyDir/)
})

test('on OpenShift an SCC allows the account what the pod has, and no more', () => {
  const scc = renderedObject<Record<string, unknown>>('openshift', 'SecurityContextConstraints')
  const { serviceAccountName, volumes } = renderedPod('openshift')
  assert.deepEqual(scc.users, [`system:serviceaccount:loggy:${serviceAccountName}`])
  const kinds = new Set(volumes.flatMap(({ name: _, ...source }) => Object.keys(source)))
  for (const kind of kinds) assert.ok((scc.volumes as string[]).includes(kind), kind)
  for (const [key, value] of Object.entries(scc))
    if (key.startsWith('allow') && typeof value === 'boolean')
      assert.equal(value, key === 'allowHostDirVolumePlugin', key)
  assert.deepEqual(renderedAgent('openshift').securityContext.seLinuxOptions, { type: 'spc_t' })
  for (const other of platforms.filter((name) => name !== 'openshift'))
    assert.ok(renderedObjects(other).every(({ kind }) => kind !== 'SecurityContextConstraints'))
})

test('on Talos the notes say how the namespace admits the pods', () => {
  assert.deepEqual(hostPathsOf('talos'), kept())
  assert.match(renderedNotes('talos'), /kubectl label namespace loggy pod-security.kubernetes.io\/enforce=privileged/)
  assert.doesNotMatch(renderedNotes('default'), /pod-security/)
})

test('on Bottlerocket all pods have one SELinux level, so that the next one reads the state of the one before', () => {
  assert.deepEqual(hostPathsOf('bottlerocket'), kept())
  assert.deepEqual(renderedAgent('bottlerocket').securityContext.seLinuxOptions, { level: 's0' })
})

test('nodes without log files are left out on EKS and AKS', () => {
  const leftOut = (key: string, value: string) => ({
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'NotIn', values: [value] }] }],
      },
    },
  })
  assert.deepEqual(renderedPod('eks').affinity, leftOut('eks.amazonaws.com/compute-type', 'fargate'))
  assert.deepEqual(renderedPod('aks').affinity, leftOut('type', 'virtual-kubelet'))
  assert.equal(renderedPod('default').affinity, undefined)
  for (const name of ['eks', 'aks']) assert.deepEqual(hostPathsOf(name), kept())
})

test('on minikube state is where it outlives a stop, and the logs of docker are mounted', () => {
  const docker = { path: '/var/lib/docker/containers', readOnly: true }
  assert.deepEqual(hostPathsOf('minikube'), [LOGS, docker, { path: '/var/lib/minikube/loggy', readOnly: false }])
})

test('the notes name the next step, for standard output and for a destination', () => {
  assert.match(renderedNotes('default'), /logs -f daemonset\/loggy/)
  assert.match(renderedNotes('default'), /sink: \{ type: loki/)
  assert.match(renderedNotes('everything'), /sink of type http/)
  assert.match(renderedNotes('existing-configmap'), /in the ConfigMap my-options/)
  assert.match(renderedNotes('existing-configmap'), /emptyDir/)
  for (const name of ['default', 'everything', 'existing-configmap'])
    assert.match(renderedNotes(name), /helm -n loggy test loggy/)
})
