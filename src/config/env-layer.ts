import { nearest } from '../lib/nearest.ts'
import type { Fault } from './config-error.ts'
import { fromText, type Given, type Layer } from './layer.ts'
import { options } from './options.ts'

const optionsByEnv = new Map(options.map((option) => [option.env, option]))

/** Variables that Kubernetes sets in the pods of a namespace with a Service `loggy` or `loggy-…` (kubelet, envvars.FromServices). */
const SERVICE_LINK =
  /^LOGGY_(?:\w+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/

/** The `LOGGY_…` variables. An unknown one is a fault unless Kubernetes set it for a Service. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Layer {
  const given: Given[] = []
  const faults: Fault[] = []
  for (const [name, text] of Object.entries(env)) {
    if (text === undefined || !name.startsWith('LOGGY_')) continue
    const option = optionsByEnv.get(name)
    if (option !== undefined) given.push({ option, raw: fromText(option, text), from: 'env' })
    else if (!SERVICE_LINK.test(name)) {
      const expected = 'the name of an option'
      faults.push({ key: name, value: text, expected, from: 'env', nearest: nearest(name, optionsByEnv.keys()) })
    }
  }
  return { given, faults }
}
