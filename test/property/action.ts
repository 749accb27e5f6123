import fc from 'fast-check'
import type { StreamName } from '../../src/model/stream-name.ts'
import type { Damage, LateWrite } from './run-parts.ts'

/** One thing that happens on the node. Numbers pick from what is there, modulo; what is impossible just then has no effect. */
export type Action =
  | {
      readonly is: 'write'
      readonly container: number
      readonly stream: StreamName
      readonly lines: number
      readonly bytes: number
    }
  /** `steps`: of a rotation under way that come within it. */
  | {
      readonly is: 'write trace'
      readonly container: number
      readonly stream: StreamName
      readonly frames: number
      readonly steps: number
    }
  | { readonly is: 'write partial'; readonly container: number; readonly stream: StreamName; readonly bytes: number }
  | ({ readonly is: 'damage'; readonly container: number; readonly stream: StreamName } & Damage)
  | {
      readonly is: 'rotate'
      readonly container: number
      readonly times: number
      readonly late: LateWrite | undefined
    }
  | { readonly is: 'step rotation'; readonly container: number; readonly late: LateWrite | undefined }
  | { readonly is: 'rename back' | 'copytruncate' | 'drop old links'; readonly container: number }
  | { readonly is: 'link again'; readonly container: number; readonly isByDetour: boolean }
  | { readonly is: 'write everywhere'; readonly stream: StreamName; readonly lines: number }
  | { readonly is: 'set clock'; readonly bySeconds: number }
  | {
      readonly is: 'restart container'
      readonly container: number
      readonly firstLines: number
      readonly linkAfterMs: number
    }
  | { readonly is: 'start pod'; readonly containers: number }
  | { readonly is: 'delete pod' | 'recreate pod' | 'change labels'; readonly pod: number }
  | { readonly is: 'delete pods'; readonly pod: number; readonly count: number }
  | { readonly is: 'api'; readonly goes: 'down' | 'up' | 'cut' | 'expired' | 'failing' }
  | { readonly is: 'destination'; readonly goes: Weather }
  | { readonly is: 'agent'; readonly goes: 'stop' | 'kill' | 'restart' | 'crash' | 'start' | 'pause' | 'resume' }
  | { readonly is: 'wait'; readonly milliseconds: number }

/** How a destination treats requests. Standard output knows `well`, and everything else as `stalled`. */
export type Weather = 'stalled' | 'failing' | 'lying' | 'wrong' | 'slow' | 'odd' | 'well'

/** A node, and what happens on it. */
export interface Scenario {
  readonly seed: number
  readonly runtime: 'containerd' | 'cri-o'
  readonly maxLogFiles: number
  /** How many files the agent may have open; there are more logs then. */
  readonly descriptorLimit: number | undefined
  /** Whether the node's clock is set now and then. */
  readonly nodeClock: 'steady' | 'stepping'
  readonly destination: 'stdout' | 'http'
  /** Of an HTTP destination; only with one request at a time is there an order. */
  readonly maxInFlight: number
  /** An HTTP destination never takes one line in 40, and does not say which. */
  readonly hasPoison: boolean
  readonly actions: readonly Action[]
}

/** Prints well in a counterexample. */
const record = <T>(model: { [Key in keyof T]: fc.Arbitrary<T[Key]> }) => fc.record(model, { noNullPrototype: true })
const picked = fc.nat({ max: 59 })
const stream = fc.constantFrom<StreamName>('stdout', 'stderr')
const late = fc.option(record({ stream, isPartial: fc.boolean() }), { nil: undefined, freq: 3 })
/** Most lines are short; some take several records (16 KiB and 8 KiB each), or more than one read. */
const bytes = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 200 }) },
  { weight: 2, arbitrary: fc.integer({ min: 8000, max: 40_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 200_000, max: 600_000 }) },
)
const lineCount = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 5 }) },
  { weight: 1, arbitrary: fc.integer({ min: 50, max: 2000 }) },
)
const is = <const Name extends Action['is']>(name: Name) => fc.constant<Name>(name)

const writing: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 3,
    arbitrary: record({ is: is('write'), container: picked, stream, lines: lineCount, bytes: fc.nat(80) }),
  },
  { weight: 1, arbitrary: record({ is: is('write'), container: picked, stream, lines: fc.constant(1), bytes }) },
  { weight: 2, arbitrary: record({ is: is('write partial'), container: picked, stream, bytes }) },
  {
    weight: 2,
    arbitrary: record({
      is: is('write trace'),
      container: picked,
      stream,
      frames: fc.integer({ min: 1, max: 6 }),
      steps: fc.nat(2),
    }),
  },
  {
    weight: 1,
    arbitrary: record({
      is: is('damage'),
      container: picked,
      stream,
      isTorn: fc.boolean(),
      hole: fc.constantFrom('none', 'small', 'large'),
    }),
  },
  { weight: 1, arbitrary: record({ is: is('write everywhere'), stream, lines: fc.integer({ min: 1, max: 3 }) }) },
)
const rotating: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 3,
    arbitrary: record({ is: is('rotate'), container: picked, times: fc.integer({ min: 1, max: 3 }), late }),
  },
  { weight: 4, arbitrary: record({ is: is('step rotation'), container: picked, late }) },
  { weight: 1, arbitrary: record({ is: is('rename back'), container: picked }) },
  { weight: 1, arbitrary: record({ is: is('copytruncate'), container: picked }) },
)
const living: fc.Arbitrary<Action> = fc.oneof(
  record({
    is: is('restart container'),
    container: picked,
    firstLines: fc.nat(5),
    linkAfterMs: fc.constantFrom(0, 2, 50),
  }),
  record({ is: is('start pod'), containers: fc.integer({ min: 1, max: 2 }) }),
  record({ is: is('delete pod'), pod: picked }),
  record({ is: is('delete pods'), pod: picked, count: fc.integer({ min: 2, max: 30 }) }),
  record({ is: is('recreate pod'), pod: picked }),
  record({ is: is('change labels'), pod: picked }),
)
const linking: fc.Arbitrary<Action> = fc.oneof(
  record({ is: is('link again'), container: picked, isByDetour: fc.boolean() }),
  record({ is: is('drop old links'), container: picked }),
)
/** Back by more than a rotation takes, by an hour as in autumn, by a day and more; and right again. */
const clock: fc.Arbitrary<Action> = record({
  is: is('set clock'),
  bySeconds: fc.constantFrom(-15, -3600, -3600, -90_000, 3600),
})
const surroundings: fc.Arbitrary<Action> = fc.oneof(
  record({ is: is('api'), goes: fc.constantFrom('down', 'up', 'up', 'cut', 'expired', 'failing') }),
  record({
    is: is('destination'),
    goes: fc.constantFrom<Weather>('stalled', 'failing', 'lying', 'wrong', 'slow', 'odd', 'well', 'well', 'well'),
  }),
)
const agent: fc.Arbitrary<Action> = record({
  is: is('agent'),
  goes: fc.constantFrom('stop', 'kill', 'restart', 'crash', 'crash', 'start', 'start', 'pause', 'resume', 'resume'),
})
const waiting: fc.Arbitrary<Action> = record({
  is: is('wait'),
  milliseconds: fc.constantFrom(0, 1, 5, 20, 60, 200, 500),
})

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 10, arbitrary: writing },
  { weight: 8, arbitrary: rotating },
  { weight: 3, arbitrary: living },
  { weight: 1, arbitrary: linking },
  { weight: 1, arbitrary: clock },
  { weight: 2, arbitrary: surroundings },
  { weight: 2, arbitrary: agent },
  { weight: 4, arbitrary: waiting },
)

/** Any scenario of up to that many actions. */
export function scenarios(maxActions: number): fc.Arbitrary<Scenario> {
  return record({
    seed: fc.nat({ max: 1_000_000 }),
    runtime: fc.constantFrom('containerd', 'cri-o'),
    maxLogFiles: fc.integer({ min: 2, max: 5 }),
    descriptorLimit: fc.constantFrom(undefined, undefined, undefined, undefined, 48, 80),
    nodeClock: fc.constantFrom('steady', 'stepping'),
    destination: fc.constantFrom('stdout', 'stdout', 'http'),
    maxInFlight: fc.constantFrom(1, 4),
    hasPoison: fc.boolean(),
    actions: fc.array(action, { maxLength: maxActions, size: 'max' }),
  })
}
