import { createLogger, format, transports } from 'winston'
import { describeError } from '../lib/errors.ts'
import type { Log } from '../model.ts'

export type LogLevel = 'error' | 'warn' | 'info' | 'debug'

/** The agent's own log, JSON lines to `stream`: `{"time":…,"level":…,"message":…,…fields}`. The level can be changed later. */
export interface AgentLog extends Log {
  setLevel(level: LogLevel): void
}

export function createLog(level: LogLevel, stream: NodeJS.WritableStream): AgentLog {
  const line = format.printf(({ level, message, fields }) =>
    JSON.stringify({ time: new Date().toISOString(), level, message, ...(fields as object) }, readable),
  )
  const logger = createLogger({ level, format: line, transports: [new transports.Stream({ stream, eol: '\n' })] })
  return {
    debug: (message, fields) => void logger.debug(message, { fields }),
    info: (message, fields) => void logger.info(message, { fields }),
    warn: (message, fields) => void logger.warn(message, { fields }),
    error: (message, fields) => void logger.error(message, { fields }),
    setLevel(next) {
      logger.level = next
    },
  }
}

/** Errors have no enumerable members: they would show as `{}`. */
function readable(_key: string, value: unknown): unknown {
  return value instanceof Error ? describeError(value) : value
}
