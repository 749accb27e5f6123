import { type Flag, helpFlag } from '../lib/arguments.ts'
import { CLUSTER_FLAGS, type CommandSyntax, kubectlWords } from './syntax.ts'

/** For zsh's own completion system, which shows the descriptions too. */
export function zshCompletion(commands: readonly CommandSyntax[]): string {
  const list = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}\n`).join('')
  return `#compdef loggy
# zsh completion for loggy. For this shell: source <(loggy completion zsh)
_loggy_kubectl() {
  local -a asked found
  local i
  for ((i = 1; i < $#words; i++)); do
    case $words[i] in (${CLUSTER_FLAGS.join('|')}) asked+=($words[i] $words[i+1]) ;; esac
  done
  case $1 in
    (pod) found=(\${(f)"$(kubectl $asked ${kubectlWords('pod')} 2>/dev/null)"}) ;;
    (namespace) found=(\${(f)"$(kubectl ${kubectlWords('namespace')} 2>/dev/null)"}) ;;
    (context) found=(\${(f)"$(kubectl ${kubectlWords('context')} 2>/dev/null)"}) ;;
  esac
  compadd -a found
}

_loggy() {
  local -a commands
  commands=(
${list}  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  shift words
  ((CURRENT--))
  case $words[1] in
${commands.map(branch).join('')}  esac
}

if [ "$funcstack[1]" = "_loggy" ]; then _loggy "$@"; else compdef _loggy loggy; fi
`
}

function branch({ name, flags, operand }: CommandSyntax): string {
  const specs = Object.entries({ ...flags, ...helpFlag }).flatMap(([flag, described]) => specsOf(flag, described))
  const rest =
    operand === undefined ? [] : [`'*:${typeof operand === 'string' ? operand : 'word'}:${actionOf(operand)}'`]
  return `    (${name})\n      _arguments -s \\\n        ${[...specs, ...rest].join(' \\\n        ')}\n      ;;\n`
}

function specsOf(flag: string, { type, short, multiple, value = '', help = '', choices, offers }: Flag): string[] {
  const names = [`--${flag}`, ...(short === undefined ? [] : [`-${short}`])]
  const description = `[${help.replaceAll(/[[\]:\\]/g, '\\$&')}]`
  const argument = type === 'boolean' ? '' : `:${value}:${actionOf(choices ?? offers)}`
  // One that may be given again is offered again; of another neither of its names is.
  return names.map((name) => quoted(`${multiple ? '*' : `(${names.join(' ')})`}${name}${description}${argument}`))
}

function actionOf(what: readonly string[] | string | undefined): string {
  if (what === undefined) return ' '
  if (typeof what !== 'string') return `(${what.join(' ')})`
  // With a space before it, a function gets no arguments but its own.
  return what === 'file' ? '_files' : ` _loggy_kubectl ${what}`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
