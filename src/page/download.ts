/** Offers the text as a file; the browser asks, or stores it, as it is set up to. */
export function download(name: string, lines: readonly string[]): void {
  const url = URL.createObjectURL(
    new Blob(
      lines.map((line) => `${line}\n`),
      { type: 'application/x-ndjson' },
    ),
  )
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // Once the download has begun the address is not needed any more.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

/** `loggy-node-1-2026-11-22T07-00-00Z.ndjson`. Names of nodes come from outside. */
export function downloadName(node: string, now: Date): string {
  const time = now.toISOString().replace(/\.\d+/, '').replaceAll(':', '-')
  return `loggy-${node.replaceAll(/[^\w.-]/g, '_')}-${time}.ndjson`
}
