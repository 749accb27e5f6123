import { type ParseArgsConfig, parseArgs } from 'node:util'
import { describeError } from './errors.ts'

/** The value that an option's text stands for; undefined without a text, or with one at fault, which is then noted. */
export type ValueParser = <T>(option: string, text: string | undefined, parse: (text: string) => T) => T | undefined

/** Options as `parseArgs` takes them; `--help` is added to all. */
export type Flags = NonNullable<ParseArgsConfig['options']>

const helpFlag = { help: { type: 'boolean', short: 'h' } } as const

/** The texts of a command line's options, by name. */
export type FlagValues<F extends Flags> = ReturnType<
  typeof parseArgs<{ options: F; allowPositionals: true; strict: true }>
>['values']

/** What a command line asks for: to do something, to tell how, or nothing that can be done; `faults` names every fault, a line each. */
export type ParsedArguments<Options> =
  | { readonly kind: 'options'; readonly options: Options }
  | { readonly kind: 'help' }
  | { readonly kind: 'faulty'; readonly faults: readonly string[] }

/** A command line that can be parsed, on its way to options. */
export interface Given<F extends Flags> {
  readonly values: FlagValues<F>
  readonly positionals: readonly string[]
  readonly parsed: ValueParser
  /** Takes what else is at fault. */
  readonly faults: string[]
}

/** How a command reads its arguments. */
export interface ArgumentReader<F extends Flags, Options> {
  readonly flags: F
  /** Undefined only where there is a fault; with any, what is returned does not count. */
  readonly read: (given: Given<F>) => Options | undefined
}

/** Reads the arguments after a command's name. */
export function readArguments<const F extends Flags, Options>(
  argv: readonly string[],
  { flags, read }: ArgumentReader<F, Options>,
): ParsedArguments<Options> {
  const given = parse(argv, flags)
  if ('fault' in given) return { kind: 'faulty', faults: [given.fault] }
  if (given.isHelpAsked) return { kind: 'help' }
  const faults: string[] = []
  const { values, positionals } = given
  const options = read({ values, positionals, parsed: createValueParser(faults), faults })
  return options === undefined || faults.length > 0 ? { kind: 'faulty', faults } : { kind: 'options', options }
}

function parse<F extends Flags>(argv: readonly string[], flags: F) {
  try {
    const options = { ...flags, ...helpFlag }
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true })
    return { values: values as FlagValues<F>, positionals, isHelpAsked: 'help' in values && values.help === true }
  } catch (error) {
    // The first sentence names the fault; those after it explain how to pass a FILE whose name starts with a dash.
    return { fault: describeError(error).split('. ', 1)[0] ?? '' }
  }
}

/** Adds what an option's `parse` throws to `faults`, so that all faults can be named together. */
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

/** The choice of that name; throws when there is none. */
export function oneOf<T extends string>(choices: readonly T[], text: string): T {
  const choice = choices.find((candidate) => candidate === text)
  if (choice === undefined) throw new Error(`expected one of ${choices.join(', ')}`)
  return choice
}

/** For commands that take options only. */
export function refusePositionals({ positionals, faults }: Pick<Given<Flags>, 'positionals' | 'faults'>): void {
  if (positionals.length > 0) faults.push(`expected options only, got ${positionals.join(' ')}`)
}
