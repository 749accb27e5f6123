/** Versions are numbers of one database's changes; an answer that is no number compares with nothing. */
export function isOlder(version: string, than: string): boolean {
  return /^\d+$/.test(version) && /^\d+$/.test(than) && BigInt(version) < BigInt(than)
}
