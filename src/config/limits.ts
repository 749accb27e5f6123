import * as v from 'valibot'
import { option } from './described.ts'
import { byteSize, choice, count, duration } from './kinds.ts'

/** What may be written of whom; `of`: for the documentation. */
export function limitSchema(of: string) {
  return v.strictObject({
    linesPerSecond: option(count(0, 10_000_000), 0, {
      description: `Lines per second that ${of} may write: [limits.md](limits.md); 0: no limit.`,
    }),
    bytesPerSecond: option(byteSize('0', '1024Gi'), 0, {
      description: 'Bytes per second that may be written; 0: no limit.',
    }),
    burst: option(duration('1s', '1h'), '10s', {
      description: 'After a quiet time, what these rates allow in this many seconds may come at once.',
    }),
    over: option(choice(['delay', 'sample']), 'delay', {
      description:
        'What happens to lines above the limit: `delay` reads them later; `sample` drops them, and an entry says how many.',
    }),
  })
}
