import { parseArgs } from 'node:util'
import { describeError } from './errors.ts'

/** Parses an option's value. Undefined if the option is not given, or if the value is invalid; then a fault has been added. */
export type ValueParser = <T>(option: string, text: string | undefined, parse: (text: string) => T) => T | undefined

/** An option of a command: what `parseArgs` needs, and what help and completion say of it. */
export interface Flag {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  readonly multiple?: boolean
  /** What stands for its value in help, such as NAME. */
  readonly value?: string
  /** All values that it takes. */
  readonly choices?: readonly string[]
  /** What a shell can offer as its value. */
  readonly offers?: 'file' | 'context' | 'namespace'
  /** Without this, help does not show the option. */
  readonly help?: string
}

/** A command's options by name; `--help` is added to every command. */
export type Flags = Readonly<Record<string, Flag>>

/** In every command. */
export const helpFlag = { help: { type: 'boolean', short: 'h', help: 'this text' } } as const satisfies Flags

/** The options' values as text, by name. */
export type FlagValues<F extends Flags> = ReturnType<
  typeof parseArgs<{ options: F; allowPositionals: true; strict: true }>
>['values']

/** The result of parsing a command line; `faults` has one line per fault. */
export type ParsedArguments<Options> =
  | { readonly kind: 'options'; readonly options: Options }
  | { readonly kind: 'help' }
  | { readonly kind: 'faulty'; readonly faults: readonly string[] }

/** What a command's `read` gets: values that `parseArgs` accepted but that are not checked yet. */
export interface Given<F extends Flags> {
  readonly values: FlagValues<F>
  readonly positionals: readonly string[]
  readonly parsed: ValueParser
  /** To add further faults. */
  readonly faults: string[]
}

/** How a command reads its arguments. */
export interface ArgumentReader<F extends Flags, Options> {
  readonly flags: F
  /** May return undefined only if it added a fault; if there is any fault, the result is ignored. */
  readonly read: (given: Given<F>) => Options | undefined
}

/** Reads the arguments after a command's name. */
export function readArguments<const F extends Flags, Options>(
  argv: readonly string[],
  { flags, read }: ArgumentReader<F, Options>,
): ParsedArguments<Options> {
  const given = parse(argv, flags)
  if ('fault' in given) return { kind: 'faulty', faults: [given.fault] }
  if (given.isHelpRequested) return { kind: 'help' }
  const faults: string[] = []
  const { values, positionals } = given
  const options = read({ values, positionals, parsed: createValueParser(faults), faults })
  return options === undefined || faults.length > 0 ? { kind: 'faulty', faults } : { kind: 'options', options }
}

function parse<F extends Flags>(argv: readonly string[], flags: F) {
  try {
    const options = { ...flags, ...helpFlag }
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true })
    return { values: values as FlagValues<F>, positionals, isHelpRequested: 'help' in values && values.help === true }
  } catch (error) {
    return { fault: faultOf(error) }
  }
}

/** In kubectl's words where it has some. */
function faultOf(error: unknown): string {
  // The first sentence names the fault. The rest explains how to pass a FILE whose name starts with a dash.
  const text = describeError(error).split('. ', 1)[0] ?? ''
  const [, unknown] = /^Unknown option '(.+)'$/.exec(text) ?? []
  if (unknown?.startsWith('--')) return `unknown flag: ${unknown}`
  if (unknown !== undefined) return `unknown shorthand flag: '${unknown.slice(1)}' in ${unknown}`
  const [, lacking] = /^Option '(?:-\w, )?(--[\w-]+) <value>' argument missing$/.exec(text) ?? []
  return lacking === undefined ? text : `flag needs an argument: ${lacking}`
}

/** Column of the descriptions in help. */
const HELP_COLUMN = 29

/** The lines of help about these options, in their order. */
export function flagsHelp(flags: Flags): string {
  const all: Flags = { ...flags, ...helpFlag }
  return Object.entries(all)
    .flatMap(([name, { short, value, help }]) => {
      if (help === undefined) return []
      const names = `  ${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`
      return [inColumns(names, help, HELP_COLUMN)]
    })
    .join('')
}

/** A line of help, with its newline: the description begins at that column, below names that reach it. */
export function inColumns(names: string, description: string, column: number): string {
  const isLong = names.length >= column
  return isLong ? `${names}\n${' '.repeat(column)}${description}\n` : `${names.padEnd(column)}${description}\n`
}

/** Adds the errors that `parse` throws to `faults`, so that all of them are reported together. */
function createValueParser(faults: string[]): ValueParser {
  return (option, text, parse) => {
    if (text === undefined) return undefined
    try {
      return parse(text)
    } catch (error) {
      faults.push(`--${option} ${JSON.stringify(text)}: ${describeError(error)}`)
      return undefined
    }
  }
}

/** The choice that equals the text; throws if there is none. */
export function oneOf<T extends string>(choices: readonly T[], text: string): T {
  const choice = choices.find((candidate) => candidate === text)
  if (choice === undefined) throw new Error(`expected one of ${choices.join(', ')}`)
  return choice
}

/** For commands that take options only. */
export function refusePositionals({ positionals, faults }: Pick<Given<Flags>, 'positionals' | 'faults'>): void {
  if (positionals.length > 0) faults.push(`expected options only, got ${positionals.join(' ')}`)
}
