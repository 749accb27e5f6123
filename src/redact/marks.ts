import { createHmac } from 'node:crypto'

/** What stands in place of secrets. */
export interface Marks {
  /** In a text. It has nothing that JSON escapes. */
  text(rule: string, secret: string): string
  /** In place of a number of JSON, which stays one: destinations keep a field's type. */
  number(rule: string, secret: string): string
}

/** Digits of a hash in hexadecimal: 64 bits, so that two secrets of a company have not the same. */
const HASH_LENGTH = 16
/** Bits of a number: so few that no card has as many digits. */
const NUMBER_BITS = 39n

/** `key`: undefined for marks without a hash. */
export function createMarks(key: Uint8Array | undefined): Marks {
  if (key === undefined) return { text: (rule) => `[REDACTED:${rule}]`, number: () => '0' }
  const hash = (secret: string) => createHmac('sha256', key).update(secret).digest('hex').slice(0, HASH_LENGTH)
  return {
    text: (rule, secret) => `[REDACTED:${rule}:${hash(secret)}]`,
    number: (_rule, secret) => String(BigInt(`0x${hash(secret)}`) & ((1n << NUMBER_BITS) - 1n)),
  }
}
