import { type Flag, helpFlag } from '../lib/arguments.ts'
import { CLUSTER_FLAGS, type CommandSyntax, kubectlWords } from './syntax.ts'

/** One line for each command and option, with their descriptions. */
export function fishCompletion(commands: readonly CommandSyntax[]): string {
  return `# fish completion for loggy. For this shell: loggy completion fish | source
function __loggy_kubectl
    set -l words (commandline -opc)
    set -l asked
    for i in (seq 2 (count $words))
        if contains -- $words[$i] ${CLUSTER_FLAGS.join(' ')}; and test (count $words) -gt $i
            set asked $asked $words[$i] $words[(math $i + 1)]
        end
    end
    switch $argv[1]
        case pod
            kubectl $asked ${kubectlWords('pod')} 2>/dev/null
        case namespace
            kubectl ${kubectlWords('namespace')} 2>/dev/null
        case context
            kubectl ${kubectlWords('context')} 2>/dev/null
    end
end

complete -c loggy -e
complete -c loggy -f
complete -c loggy -n __fish_use_subcommand -l version -d ${quoted('print the version')}
${commands.map(linesOf).join('')}`
}

function linesOf({ name, summary, flags, operand }: CommandSyntax): string {
  const of = `complete -c loggy -n '__fish_seen_subcommand_from ${name}'`
  const operandLine = operand === undefined ? '' : `${of} ${argumentOf(operand)}\n`
  const options = Object.entries({ ...flags, ...helpFlag }).map(
    ([flag, described]) => `${of} ${optionOf(flag, described)}\n`,
  )
  return `complete -c loggy -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}\n${operandLine}${options.join('')}`
}

function optionOf(flag: string, { type, short, choices, offers, help = '' }: Flag): string {
  const names = short === undefined ? `-l ${flag}` : `-s ${short} -l ${flag}`
  const isPlain = type === 'boolean'
  const offered = choices ?? offers
  const value = isPlain ? '' : offered === undefined ? ' -x' : ` -r ${argumentOf(offered)}`
  return `${names}${value} -d ${quoted(help)}`
}

function argumentOf(what: readonly string[] | string): string {
  if (typeof what !== 'string') return `-f -a ${quoted(what.join(' '))}`
  return what === 'file' ? '-F' : `-f -a '(__loggy_kubectl ${what})'`
}

function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`
}
