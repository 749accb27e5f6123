import * as layout from '../layout'
import { flagsOf, RUN, rowAt, setting } from './row'
import { SCAN } from './scan'
import { isSpecial, mayBeginSpecial, mayBeSpecial, mayStandBetween } from './special'

// Hot file: runs over each record while lines are joined. Guarded by test/bench.

const HYPHEN: u32 = 0x2d

/** Rows behind the window that are looked at: two of each stream are enough, and mostly among them. */
export const ROWS_BEHIND: u32 = 16
/** Rows of a line that is not whole, or stands for one that is not in the input. */
const UNCLEAR: u32 = layout.REPEATED | layout.COMPLETES | layout.NO_LINE
/** No row has this index. */
const NONE: u32 = 0

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
  const inWindow = ~(<u64>0) >> (64 - <u64>(to - from))
  let specials = specialOf(rowsThatMayBeSpecial(from, to), from)
  let found = specials
  for (let stream: u32 = 0; stream < 2; stream += 1) {
    if (!mayHaveRows(stream)) continue
    specials |= specialBehind(from, to, end, stream)
    found |= before(end, from, stream, specials)
  }
  for (let rest = specials; rest != 0; rest &= rest - 1) {
    const index = from + <u32>ctz(rest)
    const stream = flagsOf(rowAt(index)) & layout.STREAM
    found |= before(index, from, stream, specials)
  }
  return found & inWindow
}

/** Whether there may be rows of the stream in the table; most logs have only the first one. */
function mayHaveRows(stream: u32): bool {
  return stream == 0 || (load<u32>(SCAN, layout.SCAN_SEEN) & stream) != 0
}

/** The rows whose first bytes do not tell that they are not special. */
function rowsThatMayBeSpecial(from: u32, to: u32): u64 {
  let found: u64 = 0
  const last = rowAt(to)
  for (let row = rowAt(from); row < last; row += layout.ROW_SIZE) {
    const mayBe = mayBeSpecial(load<u32>(row, layout.ROW_BODY), load<u32>(row, layout.ROW_BODY_BYTES))
    found = (found >> 1) | ((<u64>mayBe) << 63)
  }
  return found >> (64 - <u64>(to - from))
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

/**
 * Those of the stream's first two rows in [to, end) that are special, or may be parts of a special line. None is the rest of an unfinished line that follows
 * rows of its stream in the window: with a line's end a window begins.
 */
function specialBehind(from: u32, to: u32, end: u32, stream: u32): u64 {
  let found: u64 = 0
  let left = 2
  for (let index = to; index < end && left > 0; index += 1) {
    const row = rowAt(index)
    if ((flagsOf(row) & layout.STREAM) != stream) continue
    left -= 1
    if (isSpecialBehind(row)) found |= (<u64>1) << (index - from)
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

/** The stream's last row before that index; if it may stand between two others, the one before it too. */
function before(index: u32, from: u32, stream: u32, specials: u64): u64 {
  const near = lastBefore(index, from, stream)
  if (near == NONE) return 0
  const found = (<u64>1) << (near - from)
  if ((specials & found) != 0 || !mayStandBetweenAt(near)) return found
  const other = lastBefore(near, from, stream)
  return other == NONE ? found : found | ((<u64>1) << (other - from))
}

function lastBefore(index: u32, from: u32, stream: u32): u32 {
  while (index > from) {
    index -= 1
    if ((flagsOf(rowAt(index)) & layout.STREAM) == stream) return index
  }
  return NONE
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
