import type { Sink } from '../../src/delivery/delivery.ts'
import { ndjson } from '../../src/formats/ndjson.ts'
import type { Answer, Format, Request } from '../../src/model/sink.ts'

/** A request whose answer the test gives. */
export interface HandRequest extends PromiseWithResolvers<Answer> {
  readonly request: Request
}

/** A sink whose requests end as the test says, by their number. */
export function handSink(maxInFlight: number, format: Format = ndjson) {
  const requests: HandRequest[] = []
  const transport = {
    name: 'by hand',
    maxInFlight,
    slots: maxInFlight,
    batchBytes: 1 << 20,
    send: (request: Request) => {
      const answer = Promise.withResolvers<Answer>()
      requests.push({ ...answer, request })
      return answer.promise
    },
    close: async () => {},
  }
  const deadLetter = { path: '/nowhere/letters', maxBytes: 1 << 20 }
  const sink = { name: 'hand', format, transport, compression: 'none', retryFor: 0, deadLetter } satisfies Sink
  return { sink, requests }
}
