/** An entry in schema `loggy` with nine digits of the second and in UTC, as formats write it that keep the instant. */
export function withWholeTime(line: string): unknown {
  const { time, ...others } = JSON.parse(line)
  const [, seconds = '', fraction = '', zone = ''] = /^(.{19})(?:\.(\d+))?(.+)$/.exec(time) ?? []
  const utc = new Date(`${seconds}${zone}`).toISOString().slice(0, 19)
  return { time: `${utc}.${fraction.padEnd(9, '0')}Z`, ...others }
}
