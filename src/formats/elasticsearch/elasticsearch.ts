import { type Format, unlimited } from '../../model/sink.ts'
import { loggyRecord } from '../loggy-record.ts'
import { urlWithPath } from '../url-with-path.ts'
import { readBulk } from './answer.ts'
import { compileBulk, type DataStream, parseBulk } from './program.ts'

/**
 * What of an answer is needed: 30 bytes for each item in place of 250, and what is wrong with those that failed. OpenSearch leaves errors of whole
 * requests as they are; they are named for servers that would cut them down too.
 */
const FILTER = [
  'errors',
  ...['status', 'error.type', 'error.reason', 'error.caused_by.reason'].map((name) => `items.*.${name}`),
  ...['error.type', 'error.reason'],
].join(',')

/** Bytes. Servers that do not know `filter_path` write 250 for each item, and an error may repeat a field's value. What is longer is asked for in halves. */
const ANSWER_BYTES = 4 << 20

/** The bulk API of Elasticsearch and OpenSearch. Source: https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk */
export function createElasticsearch(stream: DataStream): Format {
  return {
    needsIds: true,
    compile: compileBulk(stream),
    contentType: 'application/x-ndjson',
    // Servers take 100 MiB, and a batch has 1 MiB.
    limits: unlimited,
    answerBytes: ANSWER_BYTES,
    frame: (groups) => groups.flatMap(({ pieces }) => pieces),
    read: (answer, { entryCount }, nowMs) => readBulk(answer, entryCount, nowMs),
    record(entry) {
      const { id, document } = parseBulk(entry)
      return loggyRecord(document, id)
    },
  }
}

/** The URL with the path of the bulk API, if it has none, and with what its answers are to have. */
export function bulkUrl(url: string): string {
  const whole = urlWithPath(url, '/_bulk')
  whole.searchParams.set('filter_path', FILTER)
  return whole.href
}
