/** Three digits, and from a hundred on whole numbers. */
export function digits(value: number): string {
  return Math.abs(value) >= 100 ? thousands(value) : String(Number(value.toPrecision(3)))
}

/** A whole number. */
export function thousands(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

export function percent(share: number): string {
  return `${digits(share * 100)} %`
}
