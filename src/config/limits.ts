import * as v from 'valibot'
import { option } from './described.ts'
import { byteSize, choice, count, duration } from './kinds.ts'

/** What may be written of whom; `of`: for the documentation. */
export function limitSchema(of: string) {
  return v.strictObject({
    linesPerSecond: option(count(0, 10_000_000), 0, {
      description: `Lines per second that ${of} may write: [limits.md](limits.md); 0: any number.`,
    }),
    bytesPerSecond: option(byteSize('0', '1024Gi'), 0, { description: 'Bytes per second, likewise.' }),
    burst: option(duration('1s', '1h'), '10s', {
      description: 'So many seconds of that may be used at once, after a quiet time.',
    }),
    over: option(choice(['delay', 'sample']), 'delay', {
      description: 'What becomes of more: it is read later, or it is left out, and a record says how much.',
    }),
  })
}
