import { isIPv6 } from 'node:net'
import type { Finding } from './finding.ts'

const V4 =
  /(?<![A-Za-z0-9_.])(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}(?![A-Za-z0-9_]|\.\d|-[A-Za-z])/g
/** Each address has one of these. */
const OF_V6 = /::|(?::[0-9A-Fa-f]{1,4}){7}/
const V6 = /(?<![\w:.])(?=[0-9A-Fa-f:]{0,45}:[0-9A-Fa-f]{0,4}:)[0-9A-Fa-f:]{2,45}(?![\w:])/g
/** They tell nothing of anybody. */
const NOBODY = /^(?:127\.|0\.0\.0\.0$|255\.255\.255\.255$)/
/** Characters before an address that tell whether it is one. */
const SEEN = 24

/** Addresses of machines, but for those that all machines have. */
export function findIps(text: string): Finding[] {
  // Most texts have neither, and the long patterns take longer to say so.
  return [...(text.includes('.') ? findV4(text) : []), ...(OF_V6.test(text) ? findV6(text) : [])]
}

function findV4(text: string): Finding[] {
  return [...text.matchAll(V4)].flatMap(({ 0: address, index: start }) => {
    const end = start + address.length
    return NOBODY.test(address) || isVersion(text.slice(Math.max(0, start - SEEN), start), text.slice(end, end + 2))
      ? []
      : [{ start, end }]
  })
}

/** `Chrome/130.0.0.0`, `version 1.2.3.4`; but `web/10.0.0.1:80`, as Java has it. */
function isVersion(before: string, behind: string): boolean {
  if (/[A-Za-z]\/$/.test(before)) return !/^:\d/.test(behind)
  return /(?:version|release|build|revision)["'\s:=]{1,4}v?$/i.test(before)
}

function findV6(text: string): Finding[] {
  return [...text.matchAll(V6)].flatMap(({ 0: run, index: start }) => {
    // `fe80::1: unreachable`
    const address = isIPv6(run) || !run.endsWith(':') ? run : run.slice(0, -1)
    const isWord = !/\d/.test(address) && address.split(':').length < 4
    if (!isIPv6(address) || isWord || /^[0:]*1?$/.test(address)) return []
    return [{ start, end: start + address.length, secret: address.toLowerCase() }]
  })
}
