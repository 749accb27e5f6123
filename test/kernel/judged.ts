import { loggyProgram } from '../../src/formats/loggy-program.ts'
import { systemClock } from '../../src/lib/clock.ts'
import type { Level } from '../../src/model/level.ts'
import { Lane } from '../../src/pipeline/lane.ts'
import { Pipeline } from '../../src/pipeline/pipeline.ts'
import { someContainer } from '../support/some-container.ts'

const HEADER = Buffer.from('2026-11-22T07:00:00Z stdout F ')
const NEWLINE = Buffer.from('\n')
const pipeline = new Pipeline({ maxLineBytes: 100_000, batches: 1 }, systemClock)
const builder = pipeline.newBatch()

/** The entries of lines with these bodies. */
function entriesOf(bodies: readonly (string | Uint8Array)[]): string[] {
  const bytes = Buffer.concat(bodies.flatMap((body) => [HEADER, Buffer.from(body), NEWLINE]))
  const lane = new Lane({ ref: someContainer }, loggyProgram(Buffer.from('}\n')))
  pipeline.encode({ file: { path: '0.log' }, bytes, offset: 0, isFinal: false }, lane, builder)
  const entries = Buffer.from(builder.seal().bytes).toString().split('\n').slice(0, -1)
  builder.clear()
  return entries
}

/** Whether the kernel takes a line with that body for a JSON object. It must begin with its brace. */
export function isJsonLine(body: string | Uint8Array): boolean {
  return areJsonLines([body]).includes(true)
}

/** That of each of some bodies, of which none may have a newline. */
export function areJsonLines(bodies: readonly (string | Uint8Array)[]): boolean[] {
  pipeline.configure({ json: true, level: 'off', minLevel: 'trace' })
  return entriesOf(bodies).map((entry) => entry.includes('"json":{'))
}

/** The levels that the kernel finds in lines with these bodies, of which none may have a newline. */
export function levelsOf(bodies: readonly (string | Uint8Array)[]): (Level | undefined)[] {
  pipeline.configure({ json: false, level: 'auto', minLevel: 'trace' })
  return entriesOf(bodies).map((entry) => /^.{40,60}?"level":"(\w+)","log"/.exec(entry)?.[1] as Level | undefined)
}
