/** One quantity over several runs. */
export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
}

/** `median (least to most)`, for ratios. */
export function spreadText(values: readonly number[]): string {
  const { median, least, most } = spread(values)
  return `${median.toFixed(3)} (${least.toFixed(3)} to ${most.toFixed(3)})`
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (index: number) => sorted[index] ?? Number.NaN
  const middle = (sorted.length - 1) / 2
  return { median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2, least: at(0), most: at(sorted.length - 1) }
}
