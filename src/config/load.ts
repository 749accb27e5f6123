import { hostname } from 'node:os'
import * as v from 'valibot'
import { ConfigError, type Fault, ORIGINS } from './config-error.ts'
import { readEnvironment } from './env-layer.ts'
import { readConfigFile } from './file-layer.ts'
import { readFlags } from './flags.ts'
import { faultsOfIndexLabels } from './index-labels.ts'
import { type Given, type Layer, toTree } from './layer.ts'
import { type Option, options } from './options.ts'
import { faultsOfRedaction } from './redaction.ts'
import { type Config, configSchema } from './schema.ts'

/** The places that a configuration is read from. */
export interface ConfigInputs {
  /** Path of a YAML file. */
  readonly file?: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  /** Values by flag, as `parseArgs` with `runFlags` returns them; other names are ignored. */
  readonly flags: Readonly<Record<string, unknown>>
  /** The machine's name, used if no node name is given. */
  readonly hostName?: () => string
}

/** A configuration, and the value and place of each option that applies. */
export interface ResolvedConfig {
  readonly config: Config
  readonly effective: readonly Given[]
}

/** The configuration: flag over environment over file over default; complete and deeply frozen. Rejects with all faults in a ConfigError. */
export async function loadConfig(inputs: ConfigInputs): Promise<Config> {
  return (await resolveConfig(inputs)).config
}

/** As `loadConfig`, with the place of each value. */
export async function resolveConfig(inputs: ConfigInputs): Promise<ResolvedConfig> {
  // In order of precedence, weakest first. Overridden values are validated too: they would be used if the others were removed.
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
    ...faultsOfCredentials(strongest),
    ...faultsOfIndexLabels(strongest),
    ...faultsOfRedaction(strongest),
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
    if (option.key === 'kubernetes.kubeletUrl') {
      return [{ option, raw: kubeletUrl(env.NODE_IP || '127.0.0.1'), from: env.NODE_IP ? 'env' : 'default' }]
    }
    // Those of a variant are added when it is chosen.
    if (option.default === undefined || option.onlyWith !== undefined) return []
    return [{ option, raw: option.default, from: 'default' }]
  })
  return { given, faults: [] }
}

/** Source: the kubelet's `port`, 10250 unless it is configured. */
function kubeletUrl(address: string): string {
  return `https://${address.includes(':') ? `[${address}]` : address}:10250`
}

function faultsOf({ option, raw, from }: Given): Fault[] {
  const { issues } = v.safeParse(option.schema, raw, { abortPipeEarly: true })
  const messages = new Set(issues?.map(({ message }) => message))
  return [...messages].map((expected) => ({ key: option.key, value: raw, expected, from }))
}

/** Adds the defaults of the chosen variant and requires its other keys, drops keys of a variant that a stronger place has overridden, and refuses all others. */
function settleBranches(strongest: Map<string, Given>): Fault[] {
  const faults: Fault[] = []
  for (const option of options) {
    const { key, onlyWith, expected } = option
    const chooser = onlyWith && strongest.get(onlyWith.key)
    if (chooser === undefined || !v.is(chooser.option.schema, chooser.raw)) continue
    const given = strongest.get(key)
    const chosen = onlyWith?.variants.get(String(chooser.raw))
    if (chosen !== undefined) {
      if (given !== undefined) faults.push(...faultsOfVariant(given, chosen))
      else if (chosen.default !== undefined) strongest.set(key, { option, raw: chosen.default, from: 'default' })
      else faults.push({ key, value: undefined, expected, from: chooser.from })
    } else if (given !== undefined) {
      strongest.delete(key)
      if (ORIGINS.indexOf(chooser.from) > ORIGINS.indexOf(given.from)) continue
      const words = [...(onlyWith?.variants.keys() ?? [])].join(' or ')
      faults.push({ key, value: given.raw, expected: `nothing, unless ${onlyWith?.key} is ${words}`, from: given.from })
    }
  }
  return faults
}

/** What is allowed with others and not with the chosen variant. */
function faultsOfVariant(given: Given, chosen: Option): Fault[] {
  return faultsOf(given).length > 0 ? [] : faultsOf({ ...given, option: chosen })
}

/** A user has a password and no token. */
function faultsOfCredentials(strongest: ReadonlyMap<string, Given>): Fault[] {
  const [user, password, token] = ['username', 'passwordFile', 'tokenFile'].map((name) => {
    const given = strongest.get(`sink.${name}`)
    return given === undefined || given.raw === '' ? undefined : given
  })
  const fault = (key: string, expected: string, { from }: Given) => ({ key, value: undefined, expected, from })
  if (user !== undefined && password === undefined)
    return [fault('sink.passwordFile', 'a path, since sink.username is set', user)]
  if (user === undefined && password !== undefined)
    return [fault('sink.username', 'a name, since sink.passwordFile is set', password)]
  if (user === undefined || token === undefined) return []
  return [{ ...fault('sink.tokenFile', 'nothing, since sink.username is set', token), value: token.raw }]
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze)
  return value
}
