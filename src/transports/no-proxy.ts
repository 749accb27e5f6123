import { BlockList, isIP } from 'node:net'

/** A host in small letters, without brackets, and its port. */
export interface Address {
  readonly host: string
  readonly port: string
}

/**
 * Whether `NO_PROXY` exempts the address: hosts with their subdomains, `.suffix` for subdomains only, `*`, addresses and networks
 * (CIDR), each but a network with or without a port. Hosts of loopback are always exempt. Source: Go, `x/net/http/httpproxy`.
 */
export function isExempt(noProxy: string, { host, port }: Address): boolean {
  if (host === 'localhost' || matchesAny(LOOPBACK, host)) return true
  return noProxy.split(',').some((entry) => matches(entry.trim().toLowerCase(), { host, port }))
}

function matches(entry: string, { host, port }: Address): boolean {
  if (entry === '*') return true
  if (/^[\da-f.:]+\/\d+$/.test(entry)) return matchesAny([entry], host)
  const [name, ofPort] = isIP(entry) > 0 ? [entry, undefined] : split(entry)
  if (name === '' || (ofPort !== undefined && ofPort !== port)) return false
  if (isIP(name) > 0 || isIP(host) > 0) return matchesAny([name], host)
  const suffix = name.startsWith('*.') ? name.slice(1) : name
  return suffix.startsWith('.') ? host.endsWith(suffix) : host === suffix || host.endsWith(`.${suffix}`)
}

const LOOPBACK = ['127.0.0.0/8', '::1']

/** Of addresses and networks; anything else matches nothing. */
function matchesAny(entries: readonly string[], host: string): boolean {
  const version = isIP(host)
  if (version === 0) return false
  const list = new BlockList()
  for (const entry of entries) {
    const [address = '', bits] = entry.split('/')
    const family = isIP(address)
    if (family === 0 || Number(bits) > (family === 4 ? 32 : 128)) continue
    if (bits === undefined) list.addAddress(address, `ipv${family as 4 | 6}`)
    else list.addSubnet(address, Number(bits), `ipv${family as 4 | 6}`)
  }
  return list.check(host, `ipv${version as 4 | 6}`)
}

/** `host:port`, `[host]:port`, `host` */
function split(entry: string): [name: string, port: string | undefined] {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/.exec(entry) ?? []
  return [bracketed ?? plain ?? '', port === '' ? undefined : port]
}
