import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { kubeConfigOf } from '../support/account.ts'
import { busyboxPod, COUNT } from '../support/busybox-pod.ts'
import type { Entry } from '../support/entry-log.ts'
import type { Installation, KubernetesObject } from '../support/installation.ts'
import { assertAsKubelet } from '../support/kubelet-oracle.ts'
import { LoggyCommand } from '../support/loggy-command.ts'
import { unlessMet } from '../support/requirements.ts'
import { sceneOf } from '../support/scene.ts'

const skip = await unlessMet()
const rbac = join(import.meta.dirname, '../../rbac/reader/rbac.yaml')

describe('a person with the rights of rbac/reader and no other', { skip, timeout: 300_000 }, () => {
  const scene = sceneOf({ by: 'http' })
  const directory = mkdtempSync(join(tmpdir(), 'loggy-e2e-reader-'))
  const [kubeconfig, stranger] = [join(directory, 'reader'), join(directory, 'stranger')]

  before(async () => {
    const { installation, node } = scene()
    const { namespace } = installation
    await installation.apply(...readerOf(installation), account('stranger'))
    writeFileSync(kubeconfig, (await kubeConfigOf({ name: 'reader', namespace })).exportConfig())
    writeFileSync(stranger, (await kubeConfigOf({ name: 'stranger', namespace })).exportConfig())
    const containers = { counter: COUNT }
    const [labels, annotations] = [{ app: 'web' }, { team: 'payments' }]
    await installation.apply(
      busyboxPod('labelled', node, { labels, containers }),
      busyboxPod('annotated', node, { annotations, containers }),
      busyboxPod('silent', node, { labels, annotations: { ...annotations, 'loggy.io/exclude': 'true' }, containers }),
    )
    await installation.applyPod(busyboxPod('both', node, { labels, annotations, containers }))
    await scene().entries.until('lines of all that are read', () => readPods.every((pod) => linesOf(pod) > 0))
  })
  after(() => rmSync(directory, { recursive: true }))

  test('is told of a pod that it is collected, by which rule, and how far', async (t) => {
    const { code, shown, told } = await run('explain', `${scene().namespace}/both`)
    t.diagnostic(shown)
    assert.deepEqual([code, told], [0, ''])
    const sentences = [
      /^Container counter is collected by the options under `select`\.$/m,
      /^It is read at byte \d+ of \/var\/log\/\S+counter\S*\.log, /m,
      /^Its entries have its pod's metadata\.$/m,
      /^Since the agent found it: lines read \d+, entries delivered \d+\.$/m,
    ]
    for (const sentence of sentences) assert.match(shown, sentence)
  })

  test('is told of a pod that it is left out, by which annotation, and what to do', async (t) => {
    const { code, shown, told } = await run('explain', '-n', scene().namespace, 'silent')
    t.diagnostic(shown)
    const sentences = [
      'Container counter is excluded by loggy.io/exclude: "true".',
      'To collect it, remove that annotation from the pod.',
    ]
    assert.deepEqual({ code, shown, told }, { code: 1, shown: `${sentences.join('\n')}\n`, told: '' })
  })

  test('is told that there is no such pod', async () => {
    const { code, shown, told } = await run('explain', `${scene().namespace}/nobody`)
    assert.deepEqual([code, shown], [1, ''])
    assert.equal(told, 'Error from server (NotFound): pods "nobody" not found\n')
  })

  test('sees each line of the pods whose labels and annotations match, as the destination gets it, and no other', async (t) => {
    const { entries } = scene()
    const command = new LoggyCommand(
      ['tail', '-l', 'app=web', '-A', 'team=payments', '-o', 'json', ...where()],
      kubeconfig,
    )
    await command.until('eight lines', () => linesIn(command.shown).length >= 8)
    command.interrupt()
    const { code, shown, told } = await command.result()
    t.diagnostic(shown)
    assert.deepEqual([code, told], [130, ''])
    const seen = linesIn(shown).map((line): Entry => JSON.parse(line))
    await entries.find(
      'the last of them',
      ({ kubernetes, log }) => kubernetes.pod === 'both' && log === seen.at(-1)?.log,
    )
    const first = entries.ofPod('both').findIndex(({ log }) => log === seen[0]?.log)
    assert.deepEqual(seen, entries.ofPod('both').slice(first, first + seen.length))
    // Meanwhile those that match in half were delivered too.
    for (const pod of ['labelled', 'annotated']) assert.ok(linesOf(pod) >= 8, pod)
  })

  test('sees them as text', async (t) => {
    const command = new LoggyCommand(['tail', '--pod', 'annot*', '--utc', ...where()], kubeconfig)
    await command.until('two lines', ({ shown }) => linesIn(shown).length >= 2)
    command.interrupt()
    const { shown } = await command.result()
    t.diagnostic(shown)
    for (const line of linesIn(shown)) assert.match(line, /^\d\d:\d\d:\d\d\.\d{3}Z annotated\/counter \| count \d+$/)
  })

  test('is told what to ask for when the rights are missing', async (t) => {
    const runs = [
      new LoggyCommand(['explain', `${scene().namespace}/both`, ...where()], stranger),
      new LoggyCommand(['tail', ...where()], stranger),
    ]
    const ended = await Promise.all(runs.map((command) => command.result()))
    t.diagnostic(ended.map(({ told }) => told).join(''))
    assert.deepEqual(
      ended.map(({ code, shown }) => [code, shown]),
      [
        [1, ''],
        [1, ''],
      ],
    )
    for (const { told } of ended)
      assert.match(told, /^Error from server \(Forbidden\): .*cannot (get|list) resource "pods".*\n.*rbac\/reader/)
  })

  test('sees what the kubelet has, for the destination has it', async (t) =>
    t.diagnostic(await assertAsKubelet(scene(), ['silent'])))

  const readPods = ['both', 'labelled', 'annotated']
  const linesOf = (pod: string) => scene().entries.ofPod(pod).length
  const linesIn = (text: string) => text.split('\n').slice(0, -1)
  const where = () => ['--agent-namespace', scene().namespace]
  const run = (...argv: string[]) => new LoggyCommand([...argv, ...where()], kubeconfig).result()
})

/** The rights of rbac/reader in the installation's namespace alone, so that other installations are left as they are. */
function readerOf({ namespace }: Installation): KubernetesObject[] {
  const documents = parseAllDocuments(readFileSync(rbac, 'utf8')).map((document) => document.toJS())
  const rules = documents.flatMap((document) => document.rules ?? [])
  const metadata = { name: 'reader' }
  const about = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata }
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name }
  const subjects = [{ kind: 'ServiceAccount', name: metadata.name, namespace }]
  const objects = [
    account(metadata.name),
    { ...about, kind: 'Role', rules },
    { ...about, kind: 'RoleBinding', roleRef, subjects },
  ]
  return objects
}

function account(name: string) {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } }
}
