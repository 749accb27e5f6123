import type { Finding } from './finding.ts'

/** Characters of a secret that may begin, or end, where the text does. */
const MOST = 1024
const LAST = /(?:\d[\d -]*|[\w\-+/=.@%~:]+)$/
const FIRST = /^(?:\d[\d -]*|[\w\-+/=.@%~:]+)/
const LEAST = 4

/** The first and the last word of a piece of a line, which may be a part of a secret. Words as in sentences are none. */
export function findCutEnds(text: string): Finding[] {
  const [first] = FIRST.exec(text.slice(0, MOST)) ?? []
  const tail = Math.max(0, text.length - MOST)
  const last = LAST.exec(text.slice(tail))
  return [
    ...(first !== undefined && mayBeOfSecret(first) ? [{ start: 0, end: first.length }] : []),
    ...(last !== null && mayBeOfSecret(last[0])
      ? [{ start: tail + last.index, end: tail + last.index + last[0].length }]
      : []),
  ]
}

function mayBeOfSecret(word: string): boolean {
  return word.length >= LEAST && (/[\d@]/.test(word) || /[a-z][A-Z]/.test(word) || word.length >= 20)
}
