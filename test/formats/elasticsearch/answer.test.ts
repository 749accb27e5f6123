import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readBulk } from '../../../src/formats/elasticsearch/answer.ts'
import type { Receipt } from '../../../src/model/sink.ts'

/** What a server answered. */
function read(body: unknown, { status = 200, entryCount = 1 } = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return readBulk({ kind: 'status', status, headers: {}, body: Buffer.from(text) }, entryCount, 0)
}

function itemOf(status: number, type?: string, reason?: string, cause?: string) {
  const error = type === undefined ? undefined : { type, reason, ...(cause && { caused_by: { reason: cause } }) }
  return { create: { status, error } }
}

function receiptOf(item: unknown): Receipt | undefined {
  const outcome = read({ errors: true, items: [item] })
  if (outcome.kind === 'accepted') return undefined
  assert.equal(outcome.kind, 'receipts')
  return outcome.kind === 'receipts' ? outcome.receipts[0] : undefined
}

/** Seen at OpenSearch 2.19.6 (shared/servers), unless another source is named. */
const ITEMS: readonly (readonly [Parameters<typeof itemOf>, 'stored' | 'rejected' | 'destination' | 'set-up'])[] = [
  [[201], 'stored'],
  [[200], 'stored'],
  [[409, 'version_conflict_engine_exception', '[1]: version conflict, document already exists'], 'stored'],
  [[409], 'stored'],
  // elasticsearch, MetadataCreateIndexService: two items make the index in the same moment.
  [[400, 'resource_already_exists_exception', 'index [x/1] already exists'], 'destination'],
  [[409, 'something_else', 'x'], 'rejected'],
  [[400, 'mapper_parsing_exception', 'failed to parse field [n] of type [long]', 'For input string: "x"'], 'rejected'],
  // Its name in Elasticsearch 8: DocumentParsingException.
  [[400, 'document_parsing_exception', '[1:29] failed to parse field [n] of type [long]'], 'rejected'],
  [
    [400, 'mapper_parsing_exception', 'Could not dynamically add mapping for field [app.kubernetes.io/name].'],
    'rejected',
  ],
  [[400, 'illegal_argument_exception', 'Limit of total fields [1000] has been exceeded'], 'rejected'],
  [[400, 'illegal_argument_exception', 'Document contains at least one immense term in field="x"'], 'rejected'],
  [[400, 'illegal_argument_exception', 'pipeline with id [none] does not exist'], 'set-up'],
  [[400, 'illegal_argument_exception', 'no write index is defined for alias [logs]'], 'set-up'],
  [
    [
      400,
      'validation_exception',
      'Validation Failed: 1: this action would add [2] total shards, but this cluster currently has [0]/[1] maximum shards open;',
    ],
    'set-up',
  ],
  [[400, 'index_closed_exception', 'closed'], 'set-up'],
  [[400, 'invalid_index_name_exception', 'Invalid index name [LOGS], must be lowercase'], 'set-up'],
  [[403, 'cluster_block_exception', 'index [x] blocked by: [FORBIDDEN/8/index write (api)];'], 'set-up'],
  // Elastic's and OpenSearch's security plugins.
  [[403, 'security_exception', 'action [indices:data/write/bulk] is unauthorized for user [x]'], 'set-up'],
  [[401, 'security_exception', 'missing authentication'], 'set-up'],
  [[404, 'index_not_found_exception', 'no such index [x]'], 'set-up'],
  [
    [
      429,
      'cluster_block_exception',
      'index [x] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark];',
    ],
    'destination',
  ],
  [[429, 'es_rejected_execution_exception', 'rejected execution of coordinating operation'], 'destination'],
  [[429, 'rejected_execution_exception', 'rejected execution of primary operation'], 'destination'],
  [[429, 'circuit_breaking_exception', '[parent] Data too large'], 'destination'],
  // elasticsearch, UnavailableShardsException, ProcessClusterEventTimeoutException, NodeClosedException.
  [[503, 'unavailable_shards_exception', 'primary shard is not active Timeout: [1m]'], 'destination'],
  [
    [503, 'process_cluster_event_timeout_exception', 'failed to process cluster event (put-mapping) within 30s'],
    'destination',
  ],
  [[500, 'node_closed_exception', 'node closed'], 'destination'],
  // Ingest pipelines: FailProcessorException is no ElasticsearchException, so it is a 500.
  [[500, 'fail_processor_exception', 'not wanted'], 'rejected'],
  [[500, 'script_exception', 'runtime error'], 'rejected'],
  [[413, 'x', 'y'], 'rejected'],
]

describe('an item', () => {
  for (const [item, expected] of ITEMS) {
    const [status, type = 'without an error', reason = ''] = item
    test(`${status} ${type} ${reason.slice(0, 60)}: ${expected}`, () => {
      const receipt = receiptOf(itemOf(...item))
      const found = receipt === undefined ? 'stored' : receipt.kind === 'retry' ? receipt.cause : receipt.kind
      assert.equal(found, expected)
      if (receipt === undefined) return
      assert.equal(receipt.status, status)
      assert.ok(receipt.reason.startsWith(`${type}: ${reason.replace('[1:29] ', '')}`), receipt.reason)
    })
  }

  test('has a reason that is the same for all documents with that fault, without what the container wrote', () => {
    const reason = (id: string, value: string) =>
      `[1:${id}] failed to parse field [n] of type [long] in document with id '${id}'. Preview of field's value: '${value}'`
    const [one, other] = [reason('1', 'secret\nx'), reason('2', "o'er")].map((text) =>
      receiptOf(itemOf(400, 'mapper_parsing_exception', text, 'For input string: "secret"')),
    )
    assert.equal(one?.reason, 'mapper_parsing_exception: failed to parse field [n] of type [long]: not a number')
    assert.deepEqual(one, other)
  })

  test('that fails says nothing of the others: each is read, and has its place', () => {
    const items = [itemOf(201), itemOf(400, 'a', 'b'), itemOf(409), itemOf(429, 'c', 'd'), itemOf(201)]
    const outcome = read({ errors: true, items }, { entryCount: 5 })
    assert.deepEqual(outcome, {
      kind: 'receipts',
      afterMs: 0,
      receipts: [
        { kind: 'rejected', place: 1, status: 400, reason: 'a: b' },
        { kind: 'retry', cause: 'destination', place: 3, status: 429, reason: 'c: d' },
      ],
    })
  })

  test('that says that it failed is believed, also where `errors` says otherwise', () => {
    assert.equal(read({ errors: false, items: [itemOf(400, 'a', 'b')] }).kind, 'receipts')
  })

  test('without a status is sent again', () => {
    for (const item of [{}, null, 7, { create: {} }, { create: { status: 'x' } }, [], 'create'])
      assert.equal(receiptOf(item)?.kind, 'retry', JSON.stringify(item))
  })
})

describe('an answer', () => {
  test('of items that are all stored is an accepted request', () => {
    assert.deepEqual(read({ errors: false, items: [itemOf(201), itemOf(201)] }, { entryCount: 2 }), {
      kind: 'accepted',
    })
    assert.deepEqual(read({ errors: true, items: [itemOf(409)] }), { kind: 'accepted' })
  })

  test('that leaves the items out where there are no errors is one too', () => {
    assert.deepEqual(read({ took: 1, errors: false }), { kind: 'accepted' })
    assert.deepEqual(read({ took: 1, errors: false, items: [] }), { kind: 'accepted' })
  })

  test('with 200 that is none of the bulk API never counts as stored', () => {
    const bodies = [
      '',
      '{',
      '<html>Sign in</html>',
      '[]',
      'null',
      '{}',
      '{"errors":true}',
      '{"errors":true,"items":[]}',
    ]
    const items = ['{"items":[{"create":{"status":201}}]', '{"errors":true,"items":{"0":{"create":{"status":201}}}}']
    for (const body of [...bodies, ...items, '{"errors":"false"}', '['.repeat(100_000)]) {
      const outcome = read(body, { entryCount: 2 })
      assert.deepEqual(
        [outcome.kind, 'status' in outcome && outcome.status],
        ['retry', 'BAD_ANSWER'],
        body.slice(0, 60),
      )
    }
  })

  test('about more or fewer items than were sent never counts as stored', () => {
    for (const entryCount of [1, 3])
      assert.equal(read({ errors: false, items: [itemOf(201), itemOf(201)] }, { entryCount }).kind, 'retry')
  })

  for (const [status, kind, type] of [
    [429, 'retry', 'rejected_execution_exception'],
    [503, 'retry', 'cluster_block_exception'],
    [401, 'retry', 'security_exception'],
    [403, 'retry', 'security_exception'],
    [404, 'retry', 'index_not_found_exception'],
    [400, 'refused', 'illegal_argument_exception'],
    [413, 'too-large', 'content_too_long_exception'],
  ] as const) {
    test(`for the request, ${status}, is ${kind}, with the server's words`, () => {
      const outcome = read({ error: { root_cause: [], type, reason: 'because' }, status }, { status })
      assert.equal(outcome.kind, kind)
      assert.match('reason' in outcome ? outcome.reason : '', new RegExp(`^HTTP ${status}: ${type}: because`))
    })
  }

  test('for the request may be anything', () => {
    for (const body of [
      '',
      '{',
      '{"error":"no handler found for uri [/x]","status":405}',
      '{"error":7}',
      '<html>',
      '\0',
    ])
      assert.equal(read(body, { status: 405 }).kind, 'retry')
    const outcome = read('{"error":"no handler found"}', { status: 400 })
    assert.equal('reason' in outcome && outcome.reason, 'HTTP 400: no handler found')
  })
})
