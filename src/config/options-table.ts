import { inColumns } from '../lib/arguments.ts'
import { type Option, options } from './options.ts'

/** One option, for the documentation. */
export interface OptionRow {
  readonly key: string
  readonly env: string
  /** As typed: `-l, --labels`; empty if there is none. */
  readonly flag: string
  readonly type: string
  /** As in a file. */
  readonly default: string
  readonly description: string
}

/** All options in the order of the schema. */
export const optionRows: readonly OptionRow[] = options.map((option) => ({
  key: option.key,
  env: option.env,
  flag: flagText(option),
  type: option.type,
  default: option.defaultText ?? (option.default === undefined ? '' : `\`${asYaml(option.default)}\``),
  description: describe(option),
}))

/** The table in docs/configuration.md. */
export function optionsMarkdown(): string {
  const rows = optionRows.map(({ key, env, flag, type, default: value, description }) => {
    const names = flag === '' ? `\`${env}\`` : `\`${env}\`<br>\`${flag}\``
    return `| \`${key}\` | ${value} | ${type} | ${description} | ${names} |`
  })
  return ['| key | default | type | what it sets | variable, flag |', '|---|---|---|---|---|', ...rows, ''].join('\n')
}

/** Column of the descriptions in help. */
const HELP_COLUMN = 34

/** The flags in `--help`; each line ends with a newline. */
export function flagsHelp(): string {
  const lines: [string, string][] = [
    ['    --config FILE', 'YAML file with options.'],
    ...options.flatMap((option): [string, string][] => {
      if (option.flag === undefined) return []
      const usage = `${option.short === undefined ? '    ' : ''}${flagText(option)} ${option.placeholder}`
      return [[usage, `${describe(option)}${defaultNote(option)}`.replaceAll('`', '')]]
    }),
  ]
  return lines.map(([usage, text]) => inColumns(`  ${usage}`, text, HELP_COLUMN)).join('')
}

function flagText({ flag, short }: Option): string {
  if (flag === undefined) return ''
  return short === undefined ? `--${flag}` : `-${short}, --${flag}`
}

function describe({ description, onlyWith, default: value }: Option): string {
  if (onlyWith === undefined) return description
  const { key, variants } = onlyWith
  const all = options.find((option) => option.key === key)?.type.split(' or ') ?? []
  const others = all.filter((word) => !variants.has(word))
  const isRequired = value === undefined
  // The shorter list is easier to read.
  if (others.length < variants.size)
    return `${description} ${isRequired ? 'Required unless' : 'Not with'} ${oneOf(key, others)}.`
  return `${description} ${isRequired ? 'Required with' : 'Only with'} ${oneOf(key, [...variants.keys()])}.`
}

function oneOf(key: string, words: readonly string[]): string {
  return `\`${key}: ${words.join('` or `')}\``
}

function defaultNote({ defaultText, default: value = '' }: Option): string {
  const text = defaultText ?? (Array.isArray(value) ? value.join(',') : String(value))
  return text === '' ? '' : ` [${text}]`
}

function asYaml(value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : JSON.stringify(value)
}
