import { ConfigError } from '../config/config-error.ts'
import { runFlags } from '../config/flags.ts'
import { type Flags, readArguments, refusePositionals } from '../lib/arguments.ts'
import { asCalled, type ProgramName } from '../lib/program-name.ts'

/** The arguments of `run` and `check`: where the configuration is. */
export interface RunArguments {
  readonly file: string | undefined
  /** Values by flag, for `loadConfig`. */
  readonly flags: Readonly<Record<string, unknown>>
}

/** Handles the arguments after `run` or `check`. Resolves with the exit code; 2 if they or the configuration are invalid. */
export async function withRunArguments(
  argv: readonly string[],
  {
    usage,
    flags = {},
    program,
    stdout,
    stderr,
    act,
  }: {
    readonly usage: string
    /** Of this command only. */
    readonly flags?: Flags
    readonly program?: ProgramName | undefined
    readonly stdout: { write(text: string): unknown }
    readonly stderr: { write(text: string): unknown }
    /** Resolves with the exit code. Rejects with a ConfigError if the configuration is invalid. */
    readonly act: (given: RunArguments) => Promise<number>
  },
): Promise<number> {
  const request = readArguments(argv, {
    flags: { ...runFlags, ...flags },
    read(given): RunArguments {
      refusePositionals(given)
      const { config } = given.values
      return { file: typeof config === 'string' ? config : undefined, flags: given.values }
    },
  })
  switch (request.kind) {
    case 'help':
      stdout.write(asCalled(usage, program))
      return 0
    case 'faulty':
      for (const fault of request.faults) stderr.write(`error: ${fault}\n`)
      stderr.write(asCalled(`See '${/^Usage: (loggy \w+)/.exec(usage)?.[1]} --help' for usage.\n`, program))
      return 2
    case 'options':
      try {
        return await act(request.options)
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error
        stderr.write(`${error.format()}\n`)
        return 2
      }
  }
}
