import type { Random } from '../../src/simulation/random.ts'

/** Text of the given number of UTF-8 bytes, or a little more. */
export type Body = (random: Random, byteCount: number) => string

const WORDS =
  'GET POST /api/v1/orders /api/products?page=2 /health user=81723 status=200 status=404 duration=12.3ms 10.0.3.17 INFO WARN ' +
  'connection accepted from upstream closed retrying cache miss for key session expired payment authorised order shipped ' +
  'HTTP/1.1 Mozilla/5.0 (X11; Linux x86_64) trace=5f0c1d9ab7e24d31 queue depth 17 worker-3 batch of 250 rows committed in'
const ODD = [
  '"quoted"',
  '\\',
  '\\\\n',
  '\t',
  '\u001b[31m',
  '\u001b[0m',
  '"',
  '\u0001',
  '\u001f',
  'C:\\temp\\x',
  '{"a":"b"}',
  '\r',
]
const FOREIGN =
  'Zoë Müller São Paulo Анна Иванова заказ отправлен 東京 山田太郎 注文が完了しました 김민준 배송 🚀 ⏳ 🎉🎉 Ñandú'
const DENSE_FOREIGN =
  'Анна Иванова заказ отправлен покупателю 東京 山田太郎 注文が完了しました 支払いを確認 김민준 배송이 시작되었습니다 🚀🚀 🎉'

const words = WORDS.split(' ')
const harmless = words.filter((word) => word !== '10.0.3.17')
const foreign = FOREIGN.split(' ')
const denseForeign = DENSE_FOREIGN.split(' ')

/** What programs print: ASCII without anything to escape. */
export const plain: Body = (random, byteCount) => phrase(random, byteCount, words)

/** A structured record, most of whose bytes are short members: a quote every few bytes. */
export const json = jsonOf(words)

/** Mostly words, with quotes, backslashes, tabs, terminal escapes and letters of other alphabets here and there. */
export const odd = oddOf(words)

/** The same three without an address, which is to be redacted. */
export const clean = {
  text: ((random, byteCount) => phrase(random, byteCount, harmless)) satisfies Body,
  json: jsonOf(harmless),
  odd: oddOf(harmless),
}

function jsonOf(values: readonly string[]): Body {
  return (random, byteCount) => {
    const record: Record<string, unknown> = {
      level: 'info',
      ts: 1_763_794_800 + random.next(),
      caller: 'http/server.go:41',
    }
    for (let left = byteCount - 70; left > 0; left -= 26) record[`field_${random.below(100)}`] = random.pick(values)
    return JSON.stringify(record)
  }
}

function oddOf(values: readonly string[]): Body {
  return (random, byteCount) => phrase(random, byteCount, [...values, ...ODD, ...foreign])
}

/** Something to escape every few bytes. */
export const escapes: Body = (random, byteCount) => phrase(random, byteCount, [...ODD, 'x', 'key', '="value"'])

/** Two, three and four bytes for nearly each character. */
export const multibyte: Body = (random, byteCount) => phrase(random, byteCount, denseForeign)

function phrase(random: Random, byteCount: number, from: readonly string[]): string {
  let text = random.pick(from)
  for (let length = Buffer.byteLength(text); length < byteCount; ) {
    const word = ` ${random.pick(from)}`
    text += word
    length += Buffer.byteLength(word)
  }
  return text
}
