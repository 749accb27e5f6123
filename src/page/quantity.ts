/** Numbers for people, with at most three digits. */

const COUNTS = { base: 1000, units: ['', ' k', ' M', ' G', ' T'] }
const BYTES = { base: 1024, units: [' B', ' KiB', ' MiB', ' GiB', ' TiB', ' PiB'] }

/** `0`, `0.4`, `12`, `5.1 k`. */
export function countText(value: number): string {
  return scaled(value, COUNTS)
}

/** `0 B`, `340 B`, `1.2 MiB`. */
export function bytesText(value: number): string {
  return scaled(value, BYTES)
}

/** `0 s`, `12 s`, `3 min`, `5 h`, `2 d`. */
export function secondsText(value: number): string {
  if (value < 120) return `${value < 10 ? tenths(value) : Math.round(value)} s`
  if (value < 7200) return `${Math.round(value / 60)} min`
  return value < 172_800 ? `${Math.round(value / 3600)} h` : `${Math.round(value / 86_400)} d`
}

/** Exact, with separators. */
export function exactText(value: number): string {
  return value.toLocaleString('en')
}

function scaled(value: number, { base, units }: typeof COUNTS): string {
  let rest = value
  let unit = 0
  while (rest >= base - 0.5 && unit < units.length - 1) {
    rest /= base
    unit += 1
  }
  return `${rest < 10 ? tenths(rest) : Math.round(rest)}${units[unit]}`
}

function tenths(value: number): string {
  return String(Math.round(value * 10) / 10)
}
