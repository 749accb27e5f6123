import { shellNames, shells } from '../completion/shells.ts'
import { flagsHelp, readArguments } from '../lib/arguments.ts'
import { asCalled, type ProgramName } from '../lib/program-name.ts'
import { allCommands } from './all-commands.ts'

/** The parts of a process that the command uses. */
export interface CompletionIo {
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
  readonly program?: ProgramName
}

const usage = `Usage: loggy completion bash|zsh|fish

Prints the script by which the shell completes commands, options and their values. Names in the cluster come from kubectl.
For all later shells:
  echo 'source <(loggy completion bash)' >>~/.bashrc
  echo 'source <(loggy completion zsh)' >>~/.zshrc           # after compinit
  loggy completion fish >~/.config/fish/completions/loggy.fish
As a plugin it is completed by kubectl's own completion, if kubectl_complete-loggy is in PATH beside kubectl-loggy.

${flagsHelp({})}`

/** Resolves with the exit code: 0, or 1 for an unknown shell. */
export async function completion(argv: readonly string[], { stdout, stderr, program }: CompletionIo): Promise<number> {
  const request = readArguments(argv, {
    flags: {},
    read({ positionals, faults }) {
      const [name = '', ...more] = positionals
      const script = Object.entries(shells).find(([shell]) => shell === name)?.[1]
      if (script === undefined || more.length > 0)
        faults.push(`expected one of ${shellNames.join(', ')}; got ${positionals.join(' ') || 'none'}`)
      return script
    },
  })
  if (request.kind === 'help') stdout.write(asCalled(usage, program))
  else if (request.kind === 'options') stdout.write(request.options(allCommands))
  else {
    for (const fault of request.faults) stderr.write(`error: ${fault}\n`)
    stderr.write(asCalled("See 'loggy completion --help' for usage.\n", program))
    return 1
  }
  return 0
}
