import { hostname } from 'node:os'
import * as v from 'valibot'
import { ConfigError, type Fault, ORIGINS } from './config-error.ts'
import { readEnvironment } from './env-layer.ts'
import { readConfigFile } from './file-layer.ts'
import { readFlags } from './flags.ts'
import { type Given, type Layer, toTree } from './layer.ts'
import { options } from './options.ts'
import { type Config, configSchema } from './schema.ts'

/** Where a configuration is read from. */
export interface ConfigInputs {
  /** Path of a YAML file. */
  readonly file?: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  /** Values by flag, as `parseArgs` with `runFlags` returns them; other names are not looked at. */
  readonly flags: Readonly<Record<string, unknown>>
  /** The machine's name, for want of a node's. */
  readonly hostName?: () => string
}

/** A configuration, and for each option that applies what it was given and where. */
export interface ResolvedConfig {
  readonly config: Config
  readonly effective: readonly Given[]
}

/** The configuration: flag over environment over file over default; complete and deeply frozen. Rejects with a ConfigError of all faults. */
export async function loadConfig(inputs: ConfigInputs): Promise<Config> {
  return (await resolveConfig(inputs)).config
}

/** The same, with the origin of each value. */
export async function resolveConfig(inputs: ConfigInputs): Promise<ResolvedConfig> {
  // Weakest first. A value that a stronger one hides is validated all the same: it is wrong the day the other goes.
  const layers: Layer[] = [
    readDefaults(inputs),
    ...(inputs.file === undefined ? [] : [await readConfigFile(inputs.file)]),
    readEnvironment(inputs.env),
    readFlags(inputs.flags),
  ]
  const strongest = new Map(layers.flatMap(({ given }) => given).map((given) => [given.option.key, given]))
  const faults = [
    ...layers.flatMap(({ given, faults }) => [...faults, ...given.flatMap(faultsOf)]),
    ...settleBranches(strongest),
  ]
  if (faults.length > 0) throw new ConfigError(faults)
  const effective = options.flatMap(({ key }) => strongest.get(key) ?? [])
  return { config: deepFreeze(v.parse(configSchema, toTree(effective))), effective }
}

function readDefaults({ env, hostName = hostname }: ConfigInputs): Layer {
  const given = options.flatMap((option): Given[] => {
    if (option.key === 'kubernetes.nodeName') {
      return [
        env.NODE_NAME ? { option, raw: env.NODE_NAME, from: 'env' } : { option, raw: hostName(), from: 'default' },
      ]
    }
    return option.default === undefined ? [] : [{ option, raw: option.default, from: 'default' }]
  })
  return { given, faults: [] }
}

function faultsOf({ option, raw, from }: Given): Fault[] {
  const { issues } = v.safeParse(option.schema, raw, { abortPipeEarly: true })
  const messages = new Set(issues?.map(({ message }) => message))
  return [...messages].map((expected) => ({ key: option.key, value: raw, expected, from }))
}

/** Requires the keys of the chosen branch, drops those of another that a stronger place has chosen against, and refuses the rest. */
function settleBranches(strongest: Map<string, Given>): Fault[] {
  const faults: Fault[] = []
  for (const { key, onlyWith, expected } of options) {
    const chooser = onlyWith && strongest.get(onlyWith.key)
    if (chooser === undefined || !v.is(chooser.option.schema, chooser.raw)) continue
    const given = strongest.get(key)
    if (chooser.raw === onlyWith?.value) {
      if (given === undefined) faults.push({ key, value: undefined, expected, from: chooser.from })
    } else if (given !== undefined) {
      strongest.delete(key)
      if (given.from === 'default' || ORIGINS.indexOf(chooser.from) > ORIGINS.indexOf(given.from)) continue
      faults.push({
        key,
        value: given.raw,
        expected: `nothing, unless ${onlyWith?.key} is ${onlyWith?.value}`,
        from: given.from,
      })
    }
  }
  return faults
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze)
  return value
}
