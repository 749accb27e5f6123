import { type ParseArgsConfig, parseArgs } from 'node:util'
import { describeError } from './errors.ts'

/** The value that an option's text stands for; undefined without a text, or with one at fault, which is then noted. */
export type ValueParser = <T>(option: string, text: string | undefined, parse: (text: string) => T) => T | undefined

/** Options and positionals of a command line, or its first fault. */
export function readArguments<const Options extends NonNullable<ParseArgsConfig['options']>>(
  argv: readonly string[],
  options: Options,
) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true })
  } catch (error) {
    // The first sentence names the fault; those after it explain how to pass a FILE whose name starts with a dash.
    return { fault: describeError(error).split('. ', 1)[0] ?? '' }
  }
}

/** A parser that adds to `faults` what an option's `parse` throws, so that all faults can be told at once. */
export function createValueParser(faults: string[]): ValueParser {
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
