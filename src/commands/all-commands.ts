import { explainFlags } from '../ask/explain-options.ts'
import { tailFlags } from '../ask/tail-options.ts'
import { shellNames } from '../completion/shells.ts'
import type { CommandSyntax } from '../completion/syntax.ts'
import { runFlags } from '../config/flags.ts'
import { viewFlags } from '../view/options.ts'
import { checkFlags } from './check.ts'
import { demoFlags } from './demo.ts'
import { replayFlags } from './replay.ts'

/** All commands, with the tables that they read their arguments by. */
export const allCommands: readonly CommandSyntax[] = [
  { name: 'run', summary: 'collect the logs of this node', flags: runFlags },
  { name: 'demo', summary: 'run it on a simulated node, without a cluster', flags: demoFlags },
  { name: 'view', summary: 'show entries in a readable form', flags: viewFlags, operand: 'file' },
  { name: 'tail', summary: 'show new entries of all nodes of a cluster', flags: tailFlags, operand: 'pod' },
  { name: 'explain', summary: 'say why the logs of pods are collected or not', flags: explainFlags, operand: 'pod' },
  { name: 'replay', summary: 'send refused entries again', flags: replayFlags, operand: 'file' },
  { name: 'doctor', summary: 'check, on a node, that the agent can do its work', flags: runFlags },
  { name: 'check', summary: 'validate the configuration', flags: { ...runFlags, ...checkFlags } },
  { name: 'completion', summary: 'print the completion script for a shell', flags: {}, operand: shellNames },
]
