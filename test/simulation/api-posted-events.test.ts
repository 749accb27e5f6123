import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ask, listen } from './api-client.ts'

describe('the fake API server, given an event', () => {
  const path = '/api/v1/namespaces/shop/events'
  const metadata = { name: 'web.0123456789abcdef', namespace: 'shop' }
  const involvedObject = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web', uid: 'u' }
  const time = '2026-01-01T00:00:00Z'
  const event = {
    ...{ apiVersion: 'v1', kind: 'Event', metadata, involvedObject, reason: 'InvalidAnnotation', message: 'hello' },
    ...{ type: 'Warning', source: { component: 'loggy', host: 'n1' }, count: 1 },
    ...{ reportingComponent: 'loggy', reportingInstance: 'n1', firstTimestamp: time, lastTimestamp: time },
  }
  const status = (rest: string) => `{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",${rest}}\n`

  test('makes an object of it, its members in the order of Kubernetes 1.20', async (t) => {
    const { code, body } = await ask(await listen(t), path, { body: JSON.stringify(event) })
    assert.equal(code, 201)
    const pattern =
      /^{"kind":"Event","apiVersion":"v1","metadata":{"name":"web.0123456789abcdef","namespace":"shop","uid":"[-0-9a-f]{36}","resourceVersion":"\d+","creationTimestamp":"[-0-9TZ:]+","managedFields":\[{"manager":"loggy","operation":"Update","apiVersion":"v1","time":"[-0-9TZ:]+","fieldsType":"FieldsV1","fieldsV1":{.*}}\]},"involvedObject":{"kind":"Pod","namespace":"shop","name":"web","uid":"u","apiVersion":"v1"},"reason":"InvalidAnnotation","message":"hello","source":{"component":"loggy","host":"n1"},"firstTimestamp":"2026-01-01T00:00:00Z","lastTimestamp":"2026-01-01T00:00:00Z","count":1,"type":"Warning","eventTime":null,"reportingComponent":"loggy","reportingInstance":"n1"}\n$/
    assert.match(body, pattern)
  })

  /** What is posted, status, body: recorded from a real server. */
  const refusals: readonly [string, object, number, string][] = [
    [
      'of a name that is taken',
      event,
      409,
      '"message":"events \\"web.0123456789abcdef\\" already exists","reason":"AlreadyExists","details":{"name":"web.0123456789abcdef","kind":"events"},"code":409',
    ],
    [
      'of another namespace than the path',
      { ...event, metadata: { ...metadata, namespace: 'other' } },
      400,
      '"message":"the namespace of the provided object does not match the namespace sent on the request","reason":"BadRequest","code":400',
    ],
    [
      'on an object of another namespace',
      { ...event, metadata: { name: 'om' }, involvedObject: { ...involvedObject, namespace: 'other' } },
      422,
      '"message":"Event \\"om\\" is invalid: involvedObject.namespace: Invalid value: \\"other\\": does not match event.namespace","reason":"Invalid","details":{"name":"om","kind":"Event","causes":[{"reason":"FieldValueInvalid","message":"Invalid value: \\"other\\": does not match event.namespace","field":"involvedObject.namespace"}]},"code":422',
    ],
  ]
  for (const [what, posted, code, body] of refusals) {
    test(`words the ${code} of one ${what} as Kubernetes 1.20 does`, async (t) => {
      const server = await listen(t)
      await ask(server, path, { body: JSON.stringify(event) })
      const answer = await ask(server, path, { body: JSON.stringify(posted) })
      assert.deepEqual([answer.code, answer.body], [code, status(body)])
      assert.equal(server.postedEvents.list().length, 1)
    })
  }

  test('words its refusals as Kubernetes 1.20 does, and takes what is no event for none', async (t) => {
    const server = await listen(t)
    server.deny('create', 'events')
    const forbidden = await ask(server, path, { body: JSON.stringify(event) })
    assert.equal(
      forbidden.body,
      status(
        '"message":"events is forbidden: User \\"system:serviceaccount:loggy:loggy\\" cannot create resource \\"events\\" in API group \\"\\" in the namespace \\"shop\\"","reason":"Forbidden","details":{"kind":"events"},"code":403',
      ),
    )
    server.allow('create', 'events')
    for (const body of ['{', '{}', 'null', '{"kind":"Event","metadata":{"name":"x"}}'])
      assert.equal((await ask(server, path, { body })).code, 400)
    server.postedEvents.terminate('shop')
    const { body } = await ask(server, path, { body: JSON.stringify(event) })
    assert.equal(
      body,
      status(
        '"message":"events \\"web.0123456789abcdef\\" is forbidden: unable to create new content in namespace shop because it is being terminated","reason":"Forbidden","details":{"name":"web.0123456789abcdef","kind":"events","causes":[{"reason":"NamespaceTerminating","message":"namespace shop is being terminated","field":"metadata.namespace"}]},"code":403',
      ),
    )
    assert.equal((await ask(server, '/api/v1/pods', { body: '{}' })).code, 404)
  })
})
