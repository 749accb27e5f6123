import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { RENDERED } from '../../scripts/rendered-chart.ts'
import type { Container, DaemonSet, KubernetesObject, PodSpec } from './objects.ts'

/** The objects that Helm made of the chart with the values of `charts/loggy/ci/NAME-values.yaml`. */
export function renderedObjects(name: string): KubernetesObject[] {
  const documents = parseAllDocuments(readFileSync(join(RENDERED, `${name}.yaml`), 'utf8'))
  return documents.map((document) => document.toJS()).filter((object) => object !== null)
}

/** What Helm says after an installation with these values. */
export function renderedNotes(name: string): string {
  return readFileSync(join(RENDERED, `${name}.notes.txt`), 'utf8')
}

export function renderedObject<Shape = KubernetesObject>(name: string, kind: string): Shape {
  const found = renderedObjects(name).find((object) => object.kind === kind)
  return (found ?? assert.fail(`no ${kind} in ${name}`)) as Shape
}

export function renderedPod(name: string): PodSpec {
  return renderedObject<DaemonSet>(name, 'DaemonSet').spec.template.spec
}

export function renderedAgent(name: string): Container {
  return renderedPod(name).containers.find((container) => container.name === 'loggy') ?? assert.fail('no agent')
}

/** Volumes of the host, each with how it is mounted. */
export function hostPathsOf(name: string): { path: string; readOnly: boolean }[] {
  const mounts = renderedAgent(name).volumeMounts
  return renderedPod(name).volumes.flatMap(({ name: volume, hostPath }) => {
    const mount = mounts.find((one) => one.name === volume)
    return hostPath === undefined ? [] : [{ path: hostPath.path, readOnly: mount?.readOnly === true }]
  })
}
