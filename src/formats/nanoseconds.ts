/** RFC 3339 of nanoseconds since 1970, with nine digits of the second. */
export function timeOfNanoseconds(nanoseconds: bigint): string {
  const milliseconds = new Date(Number(nanoseconds / 1_000_000n)).toISOString()
  return `${milliseconds.slice(0, -1)}${String(nanoseconds % 1_000_000n).padStart(6, '0')}Z`
}

/** Since 1970; 0 for what is no time. */
export function nanosecondsOf(time: string): bigint {
  const [, seconds = '', fraction = '', zone = ''] = /^(.{19})(?:\.(\d{1,9})\d*)?(.+)$/.exec(time) ?? []
  const ms = Date.parse(seconds + zone)
  return Number.isNaN(ms) ? 0n : BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0'))
}

/** In decimal, with nine digits behind the point. */
export function secondsOf(nanoseconds: bigint): string {
  const digits = String(nanoseconds).padStart(10, '0')
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`
}
