import { explainFlags } from '../ask/explain-options.ts'
import { tailFlags } from '../ask/tail-options.ts'
import { bashCompletion } from '../completion/bash.ts'
import { fishCompletion } from '../completion/fish.ts'
import type { CommandSyntax } from '../completion/syntax.ts'
import { zshCompletion } from '../completion/zsh.ts'
import { runFlags } from '../config/flags.ts'
import { flagsHelp, readArguments } from '../lib/arguments.ts'
import { asCalled, type ProgramName } from '../lib/program-name.ts'
import { viewFlags } from '../view/options.ts'
import { checkFlags } from './check.ts'
import { demoFlags } from './demo.ts'
import { replayFlags } from './replay.ts'

/** The parts of a process that the command uses. */
export interface CompletionIo {
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
  readonly program?: ProgramName
}

const shells = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const
const shellNames = Object.keys(shells)

/** All commands, with the tables that they read their arguments by. */
const commands: readonly CommandSyntax[] = [
  { name: 'run', summary: 'collect the logs of this node', flags: runFlags },
  { name: 'demo', summary: 'run it on a simulated node, without a cluster', flags: demoFlags },
  { name: 'view', summary: 'show entries in a readable form', flags: viewFlags, operand: 'file' },
  { name: 'tail', summary: 'show new entries of all nodes of a cluster', flags: tailFlags, operand: 'pod' },
  { name: 'explain', summary: 'say why the logs of pods are collected or not', flags: explainFlags, operand: 'pod' },
  { name: 'replay', summary: 'send refused entries again', flags: replayFlags, operand: 'file' },
  { name: 'doctor', summary: 'look, on a node, for what keeps the agent from its work', flags: runFlags },
  { name: 'check', summary: 'validate the configuration', flags: { ...runFlags, ...checkFlags } },
  { name: 'completion', summary: 'print what a shell needs to complete commands', flags: {}, operand: shellNames },
]

const usage = `Usage: loggy completion bash|zsh|fish

Prints what makes the shell complete commands, options and their values; names in the cluster with the help of kubectl.
For all later shells:
  echo 'source <(loggy completion bash)' >>~/.bashrc
  echo 'source <(loggy completion zsh)' >>~/.zshrc           # behind compinit
  loggy completion fish >~/.config/fish/completions/loggy.fish

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
  else if (request.kind === 'options') stdout.write(request.options(commands))
  else {
    for (const fault of request.faults) stderr.write(`error: ${fault}\n`)
    stderr.write(asCalled("See 'loggy completion --help' for usage.\n", program))
    return 1
  }
  return 0
}
