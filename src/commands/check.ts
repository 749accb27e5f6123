import { parseArgs } from 'node:util'
import { effectiveYaml } from '../config/effective-yaml.ts'
import { runFlags } from '../config/flags.ts'
import { resolveConfig } from '../config/load.ts'
import { flagsHelp } from '../config/options-table.ts'
import { usageFault } from './usage-fault.ts'

/** The parts of a process that the command uses. */
export interface CheckIo {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
}

const usage = `Usage: loggy check [OPTION…]

Validates the configuration that 'loggy run' would have with the same options and variables, and prints it as YAML.

${flagsHelp()}`

/** `loggy check`: resolves with the exit code, 0, or 2 when anything is at fault (each fault a line on standard error). */
export async function check(argv: string[], { env, stdout, stderr }: CheckIo): Promise<number> {
  try {
    const { values } = parseArgs({ args: argv, options: { ...runFlags, help: { type: 'boolean', short: 'h' } } })
    const file = typeof values.config === 'string' ? values.config : undefined
    stdout.write(values.help ? usage : effectiveYaml(await resolveConfig({ file, env, flags: values })))
    return 0
  } catch (error) {
    const fault = usageFault(error)
    if (fault === undefined) throw error
    stderr.write(`${fault}\n`)
    return 2
  }
}
