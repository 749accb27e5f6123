import { probeSink } from '../agent/probe.ts'
import { effectiveYaml } from '../config/effective-yaml.ts'
import { resolveConfig } from '../config/load.ts'
import { flagsHelp } from '../config/options-table.ts'
import type { Flags } from '../lib/arguments.ts'
import { systemClock } from '../lib/clock.ts'
import type { ProgramName } from '../lib/program-name.ts'
import { createLog } from '../telemetry/log.ts'
import { withRunArguments } from './run-arguments.ts'

/** The parts of a process that the command uses. */
export interface CheckIo {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: { write(text: string): unknown }
  readonly stderr: NodeJS.WritableStream
  /** Ends a probe. */
  readonly signal: AbortSignal
  readonly program?: ProgramName
}

const usage = `Usage: loggy check [--probe] [OPTION…]

Validates the configuration that 'loggy run' would have with the same options and variables, and prints it as YAML.

  --probe  instead of that, send one marked entry to the sink, once, and say in one line what came back (on standard error if the
           sink is standard output); the exit code is 0 only if it was accepted

${flagsHelp()}`

/** Beside those of `run`. */
export const checkFlags = {
  probe: { type: 'boolean', help: 'send one marked entry to the sink' },
} as const satisfies Flags

/**
 * `loggy check`: resolves with the exit code: 0, or 2 if the configuration is invalid (standard error then has one line per fault). With
 * `--probe` 1 if the destination has not accepted the entry.
 */
export async function check(argv: readonly string[], io: CheckIo): Promise<number> {
  const { env, stdout, stderr, signal, program } = io
  return await withRunArguments(argv, {
    usage,
    flags: checkFlags,
    program,
    stdout,
    stderr,
    async act(given) {
      const resolved = await resolveConfig({ ...given, env })
      if (given.flags.probe !== true) {
        stdout.write(effectiveYaml(resolved))
        return 0
      }
      const { config } = resolved
      const log = createLog('warn', stderr)
      const { isAccepted, text } = await probeSink(config, { env, clock: systemClock, log, signal })
      const told = config.sink.type === 'stdout' ? stderr : stdout
      told.write(`${text}\n`)
      return isAccepted ? 0 : 1
    },
  })
}
