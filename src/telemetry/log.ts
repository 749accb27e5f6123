import { createLogger, format, transports } from 'winston'
import { describeError } from '../lib/errors.ts'
import type { Log } from '../model/log.ts'

export type LogLevel = 'error' | 'warn' | 'info' | 'debug'

/** The agent's own log: JSON lines to `stream`: `{"time":…,"level":…,"message":…,…fields}`. The level can be changed later. */
export interface AgentLog extends Log {
  /** Written at any log level, as `info`. */
  announce(message: string, fields: object): void
  setLevel(level: LogLevel): void
}

export function createLog(level: LogLevel, stream: NodeJS.WritableStream): AgentLog {
  const line = format.printf(({ level, message, fields }) => lineOf(level, { message, ...(fields as object) }))
  const logger = createLogger({ level, format: line, transports: [new transports.Stream({ stream, eol: '\n' })] })
  return {
    debug: (message, fields) => void logger.debug(message, { fields }),
    info: (message, fields) => void logger.info(message, { fields }),
    warn: (message, fields) => void logger.warn(message, { fields }),
    error: (message, fields) => void logger.error(message, { fields }),
    announce: (message, fields) => void stream.write(`${lineOf('info', { message, ...fields })}\n`),
    setLevel(next) {
      logger.level = next
    },
  }
}

function lineOf(level: string, fields: object): string {
  return JSON.stringify({ time: new Date().toISOString(), level, ...fields }, readable)
}

/** JSON.stringify would write an error as `{}`, since its properties are not enumerable. */
function readable(_key: string, value: unknown): unknown {
  return value instanceof Error ? describeError(value) : value
}
