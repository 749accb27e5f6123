/** FNV-1a, 32 bits: names that differ in one character, such as the pods of a Deployment, get unrelated values. */
export function nameHash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  return value >>> 0
}
