import * as layout from '../layout'
import { flagsOf, rowAt, setting } from './row'
import { isSpecial, mayStandBetween } from './special'

// Hot file: runs over each record while lines are joined. Guarded by test/bench.

const HYPHEN: u32 = 0x2d

/**
 * One bit for each of up to 64 rows that may begin something: it is special, or the next one of its stream is, or the one behind that while the next may
 * stand between them. Rows behind the window may be special.
 */
export function rowsToLookAt(from: u32, to: u32): u64 {
  const joins = setting(layout.JOINS_LINES)
  if (joins == layout.JOINS_NONE) return rowsWithHyphen(from, to)
  if (joins != layout.JOINS_KNOWN) return ~(<u64>0)
  let specials: u64 = 0
  let outs: u64 = 0
  let errs: u64 = 0
  let bit: u64 = 1
  const last = rowAt(to)
  for (let row = rowAt(from); row < last; row += layout.ROW_SIZE) {
    const stream = flagsOf(row) & layout.STREAM
    const isIt = isSpecial(load<u32>(row, layout.ROW_BODY), load<u32>(row, layout.ROW_BODY_BYTES)) != 0
    specials |= select<u64>(bit, 0, isIt)
    outs |= select<u64>(bit, 0, stream == 0)
    errs |= select<u64>(bit, 0, stream == 1)
    bit <<= 1
  }
  return rowsNear(specials & outs, outs, from) | rowsNear(specials & errs, errs, from)
}

/** The special ones among the rows of a stream, and those before them and before the end of the window. */
function rowsNear(specials: u64, rows: u64, from: u32): u64 {
  let found: u64 = 0
  let before = rows
  for (let rest = specials; before != 0; ) {
    const near = lastOf(before)
    found |= near
    if ((specials & near) == 0 && mayStandBetweenAt(from + <u32>ctz(near))) found |= lastOf(rows & (near - 1))
    if (rest == 0) break
    const special = lastOf(rest)
    found |= special
    rest ^= special
    before = rows & (special - 1)
  }
  return found
}

/** The highest bit alone; 0 if there is none. */
function lastOf(bits: u64): u64 {
  return bits == 0 ? 0 : (<u64>1) << (63 - clz(bits))
}

function mayStandBetweenAt(index: u32): bool {
  const row = rowAt(index)
  return mayStandBetween(load<u32>(row, layout.ROW_BODY), load<u32>(row, layout.ROW_BODY_BYTES))
}

/** Those that may begin a private key, where nothing else is joined. */
function rowsWithHyphen(from: u32, to: u32): u64 {
  let found: u64 = 0
  for (let index = from; index < to; index += 1)
    found |= (<u64>(load<u8>(load<u32>(rowAt(index), layout.ROW_BODY)) == HYPHEN)) << (index - from)
  return found
}
