import { isOfBase64 } from './bytes'
import { CONSOLE, MAYBE, OVER, PEM } from './grammar'
import * as shape from './shape'
import { shapeOf } from './shape-of'
import { is, starts } from './text'

/** Bytes of a line of a PEM block. */
const PEM_BYTES: usize = 76

/** .NET's console indents all lines of a message by six spaces. */
export function goesOnWithConsole(start: usize, end: usize): u32 {
  if (starts(start, end, '      ')) return CONSOLE
  return shapeOf(start, end) == shape.BLANK ? CONSOLE | MAYBE : 0
}

/** The state behind a line of a PEM block (RFC 7468, RFC 1421), or 0. */
export function stateBehindPem(start: usize, end: usize): u32 {
  if (starts(start, end, '-----END ')) return is(end - 5, end, '-----') ? OVER : 0
  if (start == end) return PEM
  return (end - start <= PEM_BYTES && isBase64(start, end)) || isHeader(start, end) ? PEM : 0
}

/** Whether the line begins a private key's block. */
export function beginsKey(start: usize, end: usize): bool {
  if (!starts(start, end, '-----BEGIN ')) return false
  return is(max(start, end - 16), end, 'PRIVATE KEY-----') || is(max(start, end - 22), end, 'PRIVATE KEY BLOCK-----')
}

function isBase64(at: usize, end: usize): bool {
  for (; at < end; at += 1) if (!isOfBase64(load<u8>(at))) return false
  return true
}

/** `Proc-Type: 4,ENCRYPTED`, `DEK-Info: …` */
function isHeader(start: usize, end: usize): bool {
  return starts(start, end, 'Proc-Type: ') || starts(start, end, 'DEK-Info: ')
}
