import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { resolveConfig } from '../../src/config/load.ts'
import type { DaemonSet, Kustomization } from './objects.ts'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => parse(readFileSync(join(root, path), 'utf8'))
const overlay: Kustomization = read('examples/overlay/kustomization.yaml')
const patch: DaemonSet = read('examples/overlay/daemonset.yaml')
const manifests: Kustomization = read('manifests/kustomization.yaml')
const daemonSet: DaemonSet = read('manifests/daemonset.yaml')

/** Names that kustomize does not find are an error, or, an image's, nothing at all. */
test('the overlay changes what the manifests have', () => {
  const [image = assert.fail('no image')] = overlay.images ?? []
  assert.ok(daemonSet.spec.template.spec.containers[0]?.image.startsWith(`${image.name}:`))
  const [generator = assert.fail('no options')] = overlay.configMapGenerator ?? []
  assert.equal(generator.behavior, 'merge')
  assert.deepEqual([generator.name, generator.files], [manifests.configMapGenerator?.[0]?.name, ['loggy.yaml']])
  assert.deepEqual([patch.metadata.name, patch.metadata.namespace], [daemonSet.metadata.name, manifests.namespace])
  assert.notEqual(overlay.namespace, manifests.namespace)
})

test('the options of the overlay are valid, and have the rights that they need', async () => {
  const file = join(root, 'examples/overlay/loggy.yaml')
  const { config } = await resolveConfig({ file, env: {}, flags: {} })
  assert.equal(config.sink.type, 'http')
  assert.ok(config.enrich.namespaceLabels)
  assert.ok(overlay.bases?.includes('../../rbac/namespace-labels'))
})

test("the sink's files are in the volume that the overlay mounts", async () => {
  const file = join(root, 'examples/overlay/loggy.yaml')
  const { config } = await resolveConfig({ file, env: {}, flags: {} })
  assert.ok(config.sink.type === 'http')
  const { containers, volumes } = patch.spec.template.spec
  const [mount = assert.fail('no mount')] = containers[0]?.volumeMounts ?? []
  for (const path of [config.sink.tokenFile, config.sink.tls.caFile]) assert.ok(path.startsWith(`${mount.mountPath}/`))
  assert.deepEqual(
    volumes.map(({ name }) => name),
    [mount.name],
  )
  assert.equal(containers[0]?.volumeMounts.length, 1)
})

test('another user than root is in its group, and gets the state directory from a container that can do nothing else', () => {
  const { spec } = (read('examples/non-root/daemonset.yaml') as DaemonSet).spec.template
  assert.deepEqual(spec.securityContext, { runAsNonRoot: true, runAsUser: 65_532, runAsGroup: 0 })
  const [owner = assert.fail('no container')] = spec.initContainers as {
    readonly command: readonly string[]
    readonly image: string
    readonly securityContext: { readonly capabilities: object }
    readonly volumeMounts: readonly object[]
  }[]
  assert.deepEqual(owner.securityContext.capabilities, { drop: ['ALL'], add: ['CHOWN'] })
  assert.equal(owner.image, daemonSet.spec.template.spec.containers[0]?.image)
  assert.deepEqual(owner.volumeMounts, [{ name: 'state', mountPath: '/var/lib/loggy' }])
  // The image has no shell.
  assert.equal(owner.command[0], 'node')
  assert.match(readFileSync(join(root, 'Dockerfile'), 'utf8'), /loggy:x:65532:0:/)
})
