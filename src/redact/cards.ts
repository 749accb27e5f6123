import type { Finding } from './finding.ts'

/** Digits in a row, or in groups as cards print them, all with the same sign between them. */
const SHAPE =
  /(?<![\dA-Za-z]|\d\.)(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{1,4}(?:\1\d{1,3})?|\d{4}([ -])\d{6}\2\d{4,5})(?![\dA-Za-z]|\.\d)/g

const LEAST_LENGTH = 13

/** What numbers of an issuer begin with, and how long they are. Source: ISO/IEC 7812, and the issuers' published ranges */
const ISSUERS: readonly (readonly [start: RegExp, lengths: readonly number[]])[] = [
  [/^4/, [13, 16, 19]],
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]],
  [/^3[47]/, [15]],
  [/^(?:30[0-59]|36|38|39)/, [14, 16]],
  [/^(?:60|64[4-9]|65)/, [16, 19]],
  [/^35(?:2[89]|[3-8])/, [16, 17, 18, 19]],
  [/^62/, [16, 17, 18, 19]],
  [/^(?:5018|5020|5038|5893|6304|6759|676[1-3])/, [13, 14, 15, 16, 17, 18, 19]],
  [/^220[0-4]/, [16, 17, 18, 19]],
]

/** Numbers of payment cards: those that an issuer may have, with the right check digit. */
export function findCards(text: string): Finding[] {
  const found: Finding[] = []
  if (text.length < LEAST_LENGTH) return found
  SHAPE.lastIndex = 0
  for (let match = SHAPE.exec(text); match !== null; match = SHAPE.exec(text)) {
    const [shown] = match
    const secret = shown.replace(/[ -]/g, '')
    const isPartOfMore = match[1] === '-' && (text[match.index - 1] === '-' || text[SHAPE.lastIndex] === '-')
    if (isCard(secret) && !isPartOfMore) found.push({ start: match.index, end: SHAPE.lastIndex, secret })
    // The next group may begin one.
    else SHAPE.lastIndex = match.index + 1
  }
  return found
}

/** Whether the number is a card's. */
export function isCard(number: string): boolean {
  if (!/^\d+$/.test(number)) return false // 24.2988 in JSON
  const isIssued = ISSUERS.some(([start, lengths]) => lengths.includes(number.length) && start.test(number))
  return isIssued && !/^(\d)\1*$/.test(number) && luhnSum(number) % 10 === 0
}

/** Source: ISO/IEC 7812-1, annex B */
function luhnSum(digits: string): number {
  let sum = 0
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 0x30
    const doubled = index % 2 === 0 ? digit : digit * 2
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum
}
