import { readFile } from 'node:fs/promises'
import { LineCounter, parseDocument } from 'yaml'
import { describeError, systemCode } from '../lib/errors.ts'
import { nearest } from '../lib/nearest.ts'
import type { Fault } from './config-error.ts'
import type { Given, Layer } from './layer.ts'
import { optionsByKey, sectionKeys } from './options.ts'

/** The options in a YAML file; an empty file has none. Faults in the YAML have line and column. */
export async function readConfigFile(path: string): Promise<Layer> {
  const faults: Fault[] = []
  const given: Given[] = []
  const text = await readText(path, faults)
  const tree = text === undefined ? undefined : parseYaml(text, { path, faults })
  if (isSection(tree)) collect(tree, '', { given, faults })
  else if (tree !== undefined && tree !== null) {
    const expected = 'a map of options, such as `source:` and `sink:`, at the top of the file'
    faults.push({ key: '--config', value: tree, expected, from: 'file' })
  }
  return { given, faults }
}

async function readText(path: string, faults: Fault[]): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    faults.push({
      key: '--config',
      value: path,
      expected: `a file that can be read (${systemCode(error)})`,
      from: 'flag',
    })
    return undefined
  }
}

function parseYaml(text: string, { path, faults }: { path: string; faults: Fault[] }): unknown {
  const lines = new LineCounter()
  const refuse = (reason: string, offset?: number) => {
    const { line, col } = lines.linePos(offset ?? 0)
    const value = offset === undefined ? path : `${path}:${line}:${col}`
    faults.push({ key: '--config', value, expected: `YAML (${reason})`, from: 'file' })
  }
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' })
    const { errors, warnings } = document
    for (const { message, pos } of [...errors, ...warnings]) refuse(message, pos[0])
    return errors.length + warnings.length > 0 ? undefined : document.toJS()
  } catch (error) {
    // The parser throws for undefined or multiplying aliases, and for nesting deeper than the stack.
    refuse(describeError(error))
    return undefined
  }
}

function collect(section: object, prefix: string, into: { given: Given[]; faults: Fault[] }): void {
  for (const [name, value] of Object.entries(section)) {
    const key = `${prefix}${name}`
    // A name with dots is not accepted in place of nested maps.
    const option = name.includes('.') ? undefined : optionsByKey.get(key)
    if (option !== undefined) into.given.push({ option, raw: value, from: 'file' })
    else if (name.includes('.') || !sectionKeys.has(key)) into.faults.push(unknownKey(key, value))
    else if (isSection(value)) collect(value, `${key}.`, into)
    // A section whose keys are all commented out is null, and ignored.
    else if (value !== null) into.faults.push({ key, value, expected: 'a map of options', from: 'file' })
  }
}

function unknownKey(key: string, value: unknown): Fault {
  const known = nearest(key, [...optionsByKey.keys(), ...sectionKeys])
  const expected = known === key ? 'nested maps instead of a name with dots' : 'the key of an option'
  return { key, value, expected, from: 'file', nearest: known === key ? undefined : known }
}

function isSection(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
