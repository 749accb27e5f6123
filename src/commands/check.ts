import { effectiveYaml } from '../config/effective-yaml.ts'
import { resolveConfig } from '../config/load.ts'
import { flagsHelp } from '../config/options-table.ts'
import { withRunArguments } from './run-arguments.ts'

/** The parts of a process that the command uses. */
export interface CheckIo {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
}

const usage = `Usage: loggy check [OPTION…]

Validates the configuration that 'loggy run' would have with the same options and variables, and prints it as YAML.

${flagsHelp()}`

/** `loggy check`: resolves with the exit code: 0, or 2 if the configuration is invalid (standard error then has one line per fault). */
export async function check(argv: readonly string[], { env, stdout, stderr }: CheckIo): Promise<number> {
  return await withRunArguments(argv, {
    usage,
    stdout,
    stderr,
    act: async (given) => void stdout.write(effectiveYaml(await resolveConfig({ ...given, env }))),
  })
}
