import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Backend, Trouble } from './backend.ts'
import { proveMappingConflict } from './mapping-conflict.ts'
import { call } from './opensearch.ts'

const EXAMPLES = join(import.meta.dirname, '../../examples/elasticsearch')
const STREAM = 'logs-kubernetes.container_logs-default'
/** Bulks from elsewhere that come at once, while the agent's do. */
const PARALLEL_BULKS = 40

/** OpenSearch, which stands in for Elasticsearch. */
export const elasticsearch: Backend = {
  name: 'elasticsearch',
  server: 'opensearch',
  // One bulk is written, one waits, all others are refused: requests with 429, and single items in a 200.
  flags: 'thread_pool.write.size=1 thread_pool.write.queue_size=1',
  storesTwice: false,
  async prepare(env) {
    // The kit keeps what is stored; the stream is to be made by the template.
    await call(env, 'DELETE', `/_data_stream/${STREAM}`)
    const template = await readFile(join(EXAMPLES, 'index-template-opensearch.json'), 'utf8')
    const { status, text } = await call(env, 'PUT', '/_index_template/loggy', template)
    if (status !== 200) throw new Error(`the index template is refused: ${text}`)
  },
  sink: ({ OPENSEARCH = '' }) => ({ type: 'elasticsearch', url: OPENSEARCH }),
  troubles: [
    blocked('read_only_allow_delete'),
    blocked('write'),
    async ({ env }) => {
      await Promise.all(
        Array.from({ length: PARALLEL_BULKS }, (_, number) => call(env, 'POST', '/_bulk', noise(number))),
      )
    },
  ],
  prove: proveMappingConflict,
  read(line) {
    const { _id, _index, _source } = JSON.parse(line)
    if (!String(_index).includes(STREAM)) return undefined
    const { orchestrator, kubernetes, stream, message, log } = _source
    return {
      cluster: orchestrator.cluster.name,
      pod: kubernetes.pod.name,
      time: nanosecondsOf(_source['@timestamp']),
      stream,
      body: message,
      id: _id,
      level: log?.level,
      labels: Object.fromEntries(Object.entries(kubernetes.labels).map(([key, value]) => [dotted(key), value])),
    }
  },
}

/** As a full disk does it, with 429 for each item, or an operator, with 403. */
function blocked(block: 'write' | 'read_only_allow_delete'): Trouble {
  return async ({ env, during }) => {
    const put = (value: true | null) =>
      call(env, 'PUT', `/${STREAM}/_settings`, JSON.stringify({ [`index.blocks.${block}`]: value }))
    await put(true)
    await during()
    await put(null)
  }
}

function noise(number: number): string {
  const one = `{"create":{"_index":"noise-${number % 4}"}}\n{"n":${number},"text":"${'x'.repeat(1000)}"}\n`
  return one.repeat(500)
}

function nanosecondsOf(time: string): bigint {
  const [, seconds = '', fraction = ''] = /^(.{19})\.(\d+)Z$/.exec(time) ?? []
  return BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, '0'))
}

function dotted(key: string): string {
  const [prefix, name] = key.split('/')
  return name === undefined ? key : `${prefix?.replaceAll('_', '.')}/${name}`
}
