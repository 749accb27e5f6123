import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { flatAttributesOf, resourceOfFlat } from '../../src/formats/flat-resource.ts'

const isTaken = (name: string) => name === 'host'

/** Names that mean something, to Loggy or to the destination. */
const name = fc.constantFrom(
  ...['team', 'host', '1', 'loggy.fields', 'loggy.fields.team', 'loggy.fields.host', 'loggy.owner', 'loggy.owner.kind'],
  ...['loggy.metadata', 'loggy.undated', 'k8s.pod.name', 'k8s.pod.label.app', 'cluster', 'service.name'],
)
const texts = (key: fc.Arbitrary<string>) =>
  fc.dictionary(key, fc.constantFrom('a', 'b', 'a,b'), { maxKeys: 4, noNullPrototype: true })

test('no attribute is there twice, and all is read back, whatever annotations and fields are called', () => {
  const annotated = texts(name.map((key) => `resource.opentelemetry.io/${key}`))
  fc.assert(
    fc.property(texts(name), annotated, fc.boolean(), (fields, annotations, hasOwner) => {
      const owner = { kind: 'Rollout', name: 'web' }
      const kubernetes = { namespace: 'shop', pod: 'web-1', container: 'app', labels: { app: 'web' }, annotations }
      const resource = { fields, kubernetes: hasOwner ? { ...kubernetes, owner } : kubernetes }
      const flat = flatAttributesOf(resource, isTaken)
      const members = Object.fromEntries(flat)
      assert.equal(flat.length, Object.keys(members).length)
      const read = resourceOfFlat(members, isTaken)
      assert.deepEqual(read.kubernetes, resource.kubernetes)
      // What the pod says in the same words is not told apart.
      for (const [key, value] of Object.entries(fields))
        if (annotations[`resource.opentelemetry.io/${key}`] !== value && value !== members['service.namespace'])
          assert.equal(read.fields[key], value, key)
    }),
  )
})
