import { type Flag, helpFlag } from '../lib/arguments.ts'
import { CLUSTER_FLAGS, type CommandSyntax, type KubectlName, kubectlQueries } from './syntax.ts'

/** Cobra's directives (`ShellCompDirective`): the shell offers files when nothing fits, or does not. */
const DIRECTIVE = { files: 0, noFiles: 4 } as const

type Offer =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'files' }
  | { readonly kind: 'names'; readonly of: KubectlName }

/** Runs kubectl and resolves with its output; empty if it fails. */
export type AskKubectl = (argv: readonly string[]) => Promise<string>

/**
 * What kubectl 1.26 and later reads to complete the last of the words behind `kubectl loggy`: one candidate per line, its description behind a
 * tab, and a directive (staging/src/k8s.io/kubectl/pkg/cmd/plugin/plugin_completion.go of Kubernetes).
 */
export async function kubectlCompletion(
  commands: readonly CommandSyntax[],
  words: readonly string[],
  ask: AskKubectl,
): Promise<string> {
  const offer = offerFor(commands, words)
  if (offer.kind === 'files') return `:${DIRECTIVE.files}\n`
  const current = words.at(-1) ?? ''
  // Of `--output=js` kubectl completes what is behind the sign.
  const typed = current.startsWith('-') ? current.slice(current.indexOf('=') + 1) : current
  const all = offer.kind === 'words' ? offer.words : await namesOf(offer.of, words, ask)
  const fitting = all.filter((word) => word !== '' && word.startsWith(typed))
  return [...fitting, `:${DIRECTIVE.noFiles}`, ''].join('\n')
}

function offerFor(commands: readonly CommandSyntax[], words: readonly string[]): Offer {
  if (words.length <= 1) return { kind: 'words', words: commands.map(({ name, summary }) => `${name}\t${summary}`) }
  const command = commands.find(({ name }) => name === words[0])
  if (command === undefined) return { kind: 'words', words: [] }
  const [previous = '', current = ''] = words.slice(-2)
  const [, joined] = /^(--[\w-]+)=/.exec(current) ?? []
  const valued = flagOf(command, joined ?? previous)
  if (valued?.type === 'string') return offerOf(valued.choices ?? valued.offers ?? [])
  if (!current.startsWith('-')) return offerOf(command.operand ?? [])
  const flags = Object.entries<Flag>({ ...command.flags, ...helpFlag })
  return { kind: 'words', words: flags.map(([name, { help = '' }]) => `--${name}\t${help}`) }
}

function flagOf({ flags }: CommandSyntax, word: string): Flag | undefined {
  return Object.entries(flags).find(([name, { short }]) => word === `--${name}` || word === `-${short}`)?.[1]
}

function offerOf(what: 'file' | KubectlName | readonly string[]): Offer {
  if (what === 'file') return { kind: 'files' }
  return typeof what === 'string' ? { kind: 'names', of: what } : { kind: 'words', words: what }
}

async function namesOf(name: KubectlName, words: readonly string[], ask: AskKubectl): Promise<readonly string[]> {
  const cluster = words.flatMap((word, at) =>
    at < words.length - 2 && CLUSTER_FLAGS.some((flag) => flag === word) ? [word, words[at + 1] ?? ''] : [],
  )
  const text = await ask(name === 'context' ? kubectlQueries.context : [...cluster, ...kubectlQueries[name]])
  return text.split('\n')
}
