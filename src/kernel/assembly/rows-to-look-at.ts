import * as layout from '../layout'
import { isUnfinished } from './held'
import { flagsOf, RUN, rowAt, setting } from './row'
import { isSpecial, mayBeginSpecial, mayBeSpecial, mayStandBetween } from './special'

// Hot file: runs over each record while lines are joined. Guarded by test/bench.

const HYPHEN: u32 = 0x2d

/** Rows behind the window that are looked at: two of each stream are enough, and mostly among them. */
const ROWS_BEHIND: u32 = 6
/** Rows of a line that is not whole, or stands for one that is not in the input. */
const UNCLEAR: u32 = layout.REPEATED | layout.COMPLETES | layout.NO_LINE

/**
 * One bit for each of up to 64 rows that may begin something: it is special, or the next one of its stream is, or the one behind that while the next may
 * stand between them. The first rows behind the window count too; those behind them may be special.
 */
export function rowsToLookAt(from: u32, to: u32): u64 {
  const joins = setting(layout.JOINS_LINES)
  if (joins == layout.JOINS_NONE) return rowsWithHyphen(from, to)
  if (joins != layout.JOINS_KNOWN) return ~(<u64>0)
  if (from == to) return 0
  const end = max(to, min(load<u32>(RUN, layout.RUN_COUNT), to + ROWS_BEHIND))
  let specials: u64 = 0
  let errs: u64 = 0
  let others: u64 = 0
  const last = rowAt(end)
  for (let row = rowAt(from); row < last; row += layout.ROW_SIZE) {
    const flags = <u64>flagsOf(row)
    const mayBe = mayBeSpecial(load<u32>(row, layout.ROW_BODY), load<u32>(row, layout.ROW_BODY_BYTES))
    specials = (specials >> 1) | ((<u64>mayBe) << 63)
    errs = (errs >> 1) | (flags << 63)
    others = (others >> 1) | ((flags >> 1) << 63)
  }
  const rows = bitsBelow(end - from)
  const shift = 64 - <u64>(end - from)
  others >>= shift
  errs = (errs >> shift) & ~others
  const outs = rows & ~(errs | others)
  const window = bitsBelow(to - from)
  specials = specialOf((specials >> shift) & window, from)
  if (to < end) specials |= specialBehind(outs & ~window, from, 0) | specialBehind(errs & ~window, from, 1)
  return window & (rowsNear(specials & outs, outs, from) | rowsNear(specials & errs, errs, from))
}

/** `count`: 1 to 64. */
function bitsBelow(count: u32): u64 {
  return ~(<u64>0) >> (64 - <u64>count)
}

/** Those of the rows that are special. */
function specialOf(rows: u64, from: u32): u64 {
  let found: u64 = 0
  for (; rows != 0; rows &= rows - 1) {
    const row = rowAt(from + <u32>ctz(rows))
    if (isSpecial(load<u32>(row, layout.ROW_BODY), load<u32>(row, layout.ROW_BODY_BYTES))) found |= rows & -rows
  }
  return found
}

/** Those of the stream's first two rows behind the window that are special, or may be parts of a special line. */
function specialBehind(rows: u64, from: u32, stream: u32): u64 {
  const isUnclear = isUnfinished(stream)
  let found: u64 = 0
  for (let left = 2; left > 0 && rows != 0; left -= 1) {
    if (isUnclear || isSpecialBehind(rowAt(from + <u32>ctz(rows)))) found |= rows & -rows
    rows &= rows - 1
  }
  return found
}

function isSpecialBehind(row: usize): bool {
  const flags = flagsOf(row)
  if ((flags & UNCLEAR) != 0) return true
  const body: usize = load<u32>(row, layout.ROW_BODY)
  const bytes = load<u32>(row, layout.ROW_BODY_BYTES)
  return (flags & layout.CONTINUES) != 0 ? mayBeginSpecial(body, bytes) : isSpecial(body, bytes)
}

/** The special ones among the rows of a stream, and those before them and before the last one. */
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
