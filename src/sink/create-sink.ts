import { join } from 'node:path'
import type { Clock } from '../lib/clock.ts'
import type { Log, Sink } from '../model.ts'
import type { AppendOptions } from './append-file.ts'
import { FileSink } from './file.ts'
import { type HttpOptions, HttpSink } from './http.ts'
import { StdoutSink } from './stdout.ts'

/** Which destination, and all that is to know about it. */
export type SinkOptions =
  | { readonly type: 'stdout' }
  | ({ readonly type: 'file'; readonly path: string } & AppendOptions)
  | ({ readonly type: 'http' } & HttpOptions)

export interface SinkParts {
  readonly clock: Clock
  readonly log: Log
  /** Where the dead letter file stands unless it has a path of its own. */
  readonly stateDirectory: string
}

/** The sink of a configuration. Throws a SinkError when it cannot be opened. */
export function createSink(options: SinkOptions, { clock, log, stateDirectory }: SinkParts): Sink {
  switch (options.type) {
    case 'stdout':
      return new StdoutSink()
    case 'file':
      return new FileSink(options.path, options, { clock, log })
    case 'http': {
      const { path, maxBytes } = options.deadLetter
      const deadLetter = { path: path || join(stateDirectory, 'dead-letter.ndjson'), maxBytes }
      return new HttpSink({ ...options, deadLetter }, { clock, log })
    }
  }
}
