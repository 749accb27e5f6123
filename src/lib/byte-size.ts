const SIZE = /^(\d+)(k|M|G|Ki|Mi|Gi)?$/

const FACTORS: Readonly<Record<string, number>> = {
  k: 1000,
  M: 1000 ** 2,
  G: 1000 ** 3,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
}

/** Bytes of a whole number or of a Kubernetes quantity such as `16Ki` or `1Mi`; undefined if it is neither. */
export function parseByteSize(value: string | number): number | undefined {
  const match = SIZE.exec(String(value))
  if (match === null) return undefined
  const bytes = Number(match[1]) * (match[2] === undefined ? 1 : (FACTORS[match[2]] ?? Number.NaN))
  return Number.isSafeInteger(bytes) ? bytes : undefined
}
