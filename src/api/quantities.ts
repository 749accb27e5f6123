const UNITS = ['bytes', 'KiB', 'MiB', 'GiB'] as const

/** How far behind a log is, for people. */
export function behind({ lagBytes, lagSeconds }: { readonly lagBytes: number; readonly lagSeconds: number }): string {
  if (lagBytes === 0) return 'fully read'
  return `${bytes(lagBytes)} and ${lagSeconds.toFixed(lagSeconds < 10 ? 1 : 0)} s behind`
}

function bytes(count: number): string {
  let [value, unit] = [count, 0]
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`
}
