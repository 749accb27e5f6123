import * as layout from '../layout'
import { copy } from './copy'
import { addFlags, copyRecord, count1, flagsOf, RUN, rowAt, SETTINGS, sourceBytesOf } from './row'
import { SCAN } from './scan'
import { unescape } from './unescape'

// Hot file: runs for each partial. Guarded by test/bench.

/** The unfinished line of each stream; see layout.ts. */
export const HELD: usize = memory.data(352, 16)

/** RECORD of a joined line until it is rendered. */
const JOINED: usize = memory.data(64, 16)

/** Flags of rows that concern an unfinished line. */
const SPECIAL: u32 = layout.CONTINUES | layout.REPEATED | layout.COMPLETES

const NO_STREAM: u32 = 4

function isOpen(held: usize): bool {
  return load<u32>(held, layout.ROW_TIME) != 0
}

/** Whether the stream's next line may be the end of one. */
function isUnfinished(stream: u32): bool {
  return isOpen(HELD + stream * layout.HELD_SIZE) || isTorn(stream)
}

/** Whether the beginning of the stream's line was delivered without its end. */
function isTorn(stream: u32): bool {
  return ((load<u32>(SETTINGS, layout.TORN) >> stream) & 1) != 0
}

/**
 * Joins partials. Returns the end of the rows from RUN_FROM on that can be rendered together: no unfinished line changes between them, so rendering can
 * stop at any of them. Consumes rows that are only partials, and moves RUN_FROM past them.
 */
export function openWindow(count: u32): u32 {
  if ((load<u32>(SCAN, layout.SCAN_SEEN) & SPECIAL) == 0 && !isUnfinished(0) && !isUnfinished(1)) return count
  let from = load<u32>(RUN, layout.RUN_FROM)
  /** The stream whose unfinished line ends with the first row of the window; later rows have none. */
  let ended: u32 = NO_STREAM
  for (let index = from; index < count; index += 1) {
    const row = rowAt(index)
    const flags = flagsOf(row)
    const stream = flags & layout.STREAM
    // The beginning of a line whose end will not come does not concern the unfinished one either.
    if (stream > 1 || (flags & (layout.NO_LINE | layout.COMPLETES)) == layout.NO_LINE) continue
    const held = HELD + stream * layout.HELD_SIZE
    if ((flags & SPECIAL) == 0 && (stream == ended || !isUnfinished(stream))) continue
    if (index > from) return index
    if ((flags & layout.COMPLETES) == 0) {
      if ((flags & layout.REPEATED) != 0 && isOpen(held)) {
        // It was delivered without its end, and that batch was not acked: so it is delivered in the same way again.
        showHeld(held, row, layout.PARTIAL | layout.REPEATED | ((flags & layout.CONTINUES) != 0 ? layout.TEARS : 0))
      } else if ((flags & (layout.REPEATED | layout.CONTINUES)) == 0) {
        if (isOpen(held)) join(held, row)
        addFlags(row, isTorn(stream) ? layout.PARTIAL | layout.ODD | layout.COMPLETES : layout.ODD | layout.COMPLETES)
      }
    }
    if ((flagsOf(row) & layout.COMPLETES) != 0) {
      if ((flagsOf(row) & layout.TEARS) == 0) ended = stream
      continue
    }
    if ((flags & layout.REPEATED) != 0) setTorn(stream, (flags & layout.CONTINUES) != 0 ? 1 : 0)
    else hold(held, row)
    count1((flags & layout.REPEATED) != 0 ? layout.COUNT_REPEATED : layout.COUNT_JOINED)
    count1(layout.COUNT_LINES)
    addFlags(row, layout.DROPPED)
    store<u32>(RUN, load<u32>(row, layout.ROW_END), layout.RUN_AT)
    from = index + 1
    store<u32>(RUN, from, layout.RUN_FROM)
  }
  return count
}

function setTorn(stream: u32, isTorn: u32): void {
  const others = load<u32>(SETTINGS, layout.TORN) & ~((<u32>1) << stream)
  store<u32>(SETTINGS, others | (isTorn << stream), layout.TORN)
}

/** Call when a row that ends an unfinished line is rendered. */
export function release(flags: u32): void {
  const stream = flags & layout.STREAM
  store<u32>(HELD + stream * layout.HELD_SIZE, 0, layout.ROW_TIME)
  setTorn(stream, (flags & layout.TEARS) != 0 ? 1 : 0)
}

/** Makes a row that delivers the unfinished line as it is. Returns false if there is none. `position`: the row's address in the input. */
export function flush(stream: u32, index: u32, position: usize): bool {
  const held = HELD + stream * layout.HELD_SIZE
  if (!isOpen(held)) return false
  const row = rowAt(index)
  store<u32>(row, <u32>position, layout.ROW_START)
  store<u32>(row, <u32>position, layout.ROW_END)
  showHeld(held, row, layout.PARTIAL | layout.TEARS | layout.NO_LINE)
  return true
}

/** The row keeps its own place: once it is rendered, the input up to there is done. */
function showHeld(held: usize, row: usize, flags: u32): void {
  const isLong = load<u32>(held, layout.ROW_TRUE_BYTES) > load<u32>(SETTINGS, layout.MAXIMUM_BODY) ? layout.LONG : 0
  store<u32>(row, load<u32>(held, layout.ROW_TIME), layout.ROW_TIME)
  store<u32>(row, load<u32>(held, layout.ROW_BODY), layout.ROW_BODY)
  store<u32>(row, load<u32>(held, layout.ROW_BODY_BYTES), layout.ROW_BODY_BYTES)
  store<u32>(row, load<u32>(held, layout.ROW_TRUE_BYTES), layout.ROW_TRUE_BYTES)
  store<u16>(
    row,
    <u16>((flagsOf(held) & layout.STREAM) | flags | isLong | layout.ODD | layout.COMPLETES),
    layout.ROW_FLAGS,
  )
  store<u16>(row, load<u8>(held, layout.ROW_TIME_BYTES), layout.ROW_TIME_BYTES)
  store<u32>(row, <u32>(held + layout.HELD_RECORD), layout.ROW_RECORD)
}

/** Turns the row of the last partial into the whole line. The unfinished line is kept until that row is rendered. */
function join(held: usize, row: usize): void {
  const keptBytes = append(held, row)
  const trueBytes = load<u32>(held, layout.ROW_TRUE_BYTES) + lastTrueBytes
  copy(held + layout.HELD_RECORD, held + layout.HELD_RECORD + layout.RECORD_SIZE, JOINED)
  store<u32>(JOINED, load<u32>(JOINED, layout.RECORD_BYTES) + sourceBytesOf(row), layout.RECORD_BYTES)
  showHeld(held, row, 0)
  store<u32>(row, <u32>keptBytes, layout.ROW_BODY_BYTES)
  store<u32>(row, trueBytes, layout.ROW_TRUE_BYTES)
  store<u32>(row, <u32>JOINED, layout.ROW_RECORD)
  if (trueBytes > load<u32>(SETTINGS, layout.MAXIMUM_BODY)) addFlags(row, layout.LONG)
}

/** Adds a partial that is not the last one. */
function hold(held: usize, row: usize): void {
  if (!isOpen(held)) begin(held, row)
  else if (load<u32>(held, layout.HELD_FIRST) == 0)
    store<u32>(held, load<u32>(row, layout.ROW_START), layout.HELD_FIRST)
  store<u32>(held, <u32>append(held, row), layout.ROW_BODY_BYTES)
  store<u32>(held, load<u32>(held, layout.ROW_TRUE_BYTES) + lastTrueBytes, layout.ROW_TRUE_BYTES)
  const record = held + layout.HELD_RECORD
  store<u32>(record, load<u32>(record, layout.RECORD_BYTES) + sourceBytesOf(row), layout.RECORD_BYTES)
}

function begin(held: usize, row: usize): void {
  const time = held + layout.HELD_TIME
  const rowTime: usize = load<u32>(row, layout.ROW_TIME)
  copy(rowTime, rowTime + 40, time)
  store<u32>(held, <u32>time, layout.ROW_TIME)
  store<u32>(held, 1, layout.HELD_IS_NEW)
  store<u16>(held, <u16>(flagsOf(row) & layout.STREAM), layout.ROW_FLAGS)
  store<u8>(held, load<u8>(row, layout.ROW_TIME_BYTES), layout.ROW_TIME_BYTES)
  store<u32>(held, 0, layout.ROW_BODY_BYTES)
  store<u32>(held, 0, layout.ROW_TRUE_BYTES)
  store<u32>(held, load<u32>(row, layout.ROW_START), layout.HELD_FIRST)
  copyRecord(row, held + layout.HELD_RECORD)
  store<u32>(held, 0, layout.HELD_RECORD + layout.RECORD_BYTES)
}

/** Bytes of the partial that was appended last, also of what was not kept. */
let lastTrueBytes: u32 = 0

/** Appends the row's body to the unfinished line, up to the limit, and returns the number of bytes kept. Docker's bodies are decoded first. */
function append(held: usize, row: usize): usize {
  const keptBytes: usize = load<u32>(held, layout.ROW_BODY_BYTES)
  let body: usize = load<u32>(row, layout.ROW_BODY)
  let bytes: usize = load<u32>(row, layout.ROW_BODY_BYTES)
  const flags = flagsOf(row)
  lastTrueBytes = (flags & layout.LONG) != 0 ? load<u32>(row, layout.ROW_TRUE_BYTES) : <u32>bytes
  if ((flags & layout.ESCAPED) != 0) {
    const decoded: usize = load<u32>(SETTINGS, layout.RENDER_START)
    bytes = unescape(body, body + bytes, decoded) - decoded
    body = decoded
    lastTrueBytes = <u32>bytes
  }
  const kept = min<usize>(bytes, <usize>load<u32>(SETTINGS, layout.MAXIMUM_BODY) + 1 - keptBytes)
  copy(body, body + kept, <usize>load<u32>(held, layout.ROW_BODY) + keptBytes) // memory.copy is a call into V8
  return keptBytes + kept
}
