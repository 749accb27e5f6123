import { type RunAgentIo, runAgent } from '../agent/run-agent.ts'
import { loadConfig } from '../config/load.ts'
import { flagsHelp } from '../config/options-table.ts'
import type { ProgramName } from '../lib/program-name.ts'
import { withRunArguments } from './run-arguments.ts'

/** The parts of a process that the command uses. */
export interface RunIo extends RunAgentIo {
  readonly stdout: { write(text: string): unknown }
  readonly program?: ProgramName
}

const usage = `Usage: loggy run [OPTION…]

Collects the container logs of this node: entries on standard output (or another sink), the agent's own log on standard error.
Every option of the configuration file can be given as a variable too; the common ones as flags:

${flagsHelp()}`

/** `loggy run`: resolves with the exit code: 0 after a clean end, 2 for an invalid configuration. Rejects if the agent cannot go on. */
export async function run(argv: readonly string[], io: RunIo): Promise<number> {
  return await withRunArguments(argv, {
    usage,
    program: io.program,
    stdout: io.stdout,
    stderr: io.stderr,
    act: async ({ file, flags }) => {
      const load = () => loadConfig({ file, env: io.env, flags })
      await runAgent(await load(), { file, load }, io)
      return 0
    },
  })
}
