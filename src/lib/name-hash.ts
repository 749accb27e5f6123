import { fnv1a } from './fnv1a.ts'

/** Names that differ in one character, such as the pods of a Deployment, get unrelated values. */
export function nameHash(text: string): number {
  return fnv1a(Uint16Array.from({ length: text.length }, (_, index) => text.charCodeAt(index)))
}
