/** Versions count the changes of one database. Values that are not numbers cannot be compared: false. */
export function isOlder(version: string, than: string): boolean {
  return /^\d+$/.test(version) && /^\d+$/.test(than) && BigInt(version) < BigInt(than)
}
