import { helpFlag } from '../lib/arguments.ts'
import { CLUSTER_FLAGS, type CommandSyntax, kubectlWords } from './syntax.ts'

/** Words of a line, for bash 3.2 and later. */
export function bashCompletion(commands: readonly CommandSyntax[]): string {
  const names = commands.map(({ name }) => name).join(' ')
  return `# bash completion for loggy. For this shell: source <(loggy completion bash)
_loggy_kubectl() {
  local words=("\${COMP_WORDS[@]}") i namespace=()
  for ((i = 1; i < \${#words[@]} - 1; i++)); do
    case \${words[i]} in ${CLUSTER_FLAGS.join(' | ')}) namespace+=("\${words[i]}" "\${words[i + 1]}") ;; esac
  done
  case $1 in
    pod) kubectl "\${namespace[@]}" ${kubectlWords('pod')} ;;
    namespace) kubectl ${kubectlWords('namespace')} ;;
    context) kubectl ${kubectlWords('context')} ;;
  esac 2>/dev/null
}

_loggy() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command=\${COMP_WORDS[1]} offer=
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    offer="${names} --help --version"
  else
    case $command in
${commands.map(branch).join('')}      *) return ;;
    esac
  fi
  case $offer in
    :none) ;;
    :file) COMPREPLY=($(compgen -f -- "$cur")) ;;
    :*) COMPREPLY=($(compgen -W "$(_loggy_kubectl "\${offer#:}")" -- "$cur")) ;;
    *) COMPREPLY=($(compgen -W "$offer" -- "$cur")) ;;
  esac
}
complete -o bashdefault -F _loggy loggy
`
}

function branch({ name, flags, operand }: CommandSyntax): string {
  const valued = Object.entries(flags).filter(([, { type }]) => type === 'string')
  const cases = valued.map(([flag, { short, choices, offers }]) => {
    const names = short === undefined ? `--${flag}` : `-${short} | --${flag}`
    return `          ${names}) offer='${choices?.join(' ') ?? `:${offers ?? 'none'}`}' ;;\n`
  })
  const all = Object.keys({ ...flags, ...helpFlag }).map((flag) => `--${flag}`)
  return `      ${name})
        case $prev in
${cases.join('')}          *)
            if [[ $cur == -* ]]; then offer='${all.join(' ')}'; else offer='${operandOf(operand)}'; fi
            ;;
        esac
        ;;
`
}

function operandOf(operand: CommandSyntax['operand']): string {
  if (operand === undefined) return ':none'
  return typeof operand === 'string' ? `:${operand}` : operand.join(' ')
}
