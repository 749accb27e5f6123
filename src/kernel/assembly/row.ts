import {
  RECORD_BYTES,
  RECORD_PREFIX,
  RECORD_SIZE,
  RECORD_START,
  ROW_END,
  ROW_FIRST,
  ROW_FLAGS,
  ROW_RECORD,
  ROW_SIZE,
  ROW_START,
  RUN_SIZE,
  SETTINGS_SIZE,
} from '../layout'

/** Lines that are looked at before the first one is rendered: few enough that their rows stay in the first-level cache. */
export const ROW_COUNT: u32 = 64
/** Behind the last row of a scan. */
export const ROW_LAST: u32 = ROW_FIRST + ROW_COUNT

export const ROWS: usize = memory.data(4096, 16)

export const SETTINGS: usize = memory.data(SETTINGS_SIZE, 16)

/** How far the table is rendered, and to where. */
export const RUN: usize = memory.data(RUN_SIZE, 16)

export function setting(at: usize): u32 {
  return load<u32>(SETTINGS + at)
}

export function count(counter: usize, by: u32): void {
  store<u32>(RUN + counter, load<u32>(RUN + counter) + by)
}

export function count1(counter: usize): void {
  count(counter, 1)
}

export function rowAt(index: u32): usize {
  return ROWS + index * ROW_SIZE
}

export function flagsOf(row: usize): u32 {
  return load<u16>(row, ROW_FLAGS)
}

export function addFlags(row: usize, flags: u32): void {
  store<u16>(row, <u16>(flagsOf(row) | flags), ROW_FLAGS)
}

export function copyRow(from: usize, to: usize): void {
  v128.store(to, v128.load(from))
  v128.store(to, v128.load(from, 16), 16)
  v128.store(to, v128.load(from, 32), 32)
}

/** Bytes of the row's record in the files. */
export function sourceBytesOf(row: usize): u32 {
  const record: usize = load<u32>(row, ROW_RECORD)
  return record != 0 ? load<u32>(record, RECORD_BYTES) : load<u32>(row, ROW_END) - load<u32>(row, ROW_START)
}

/** Copies what is known of the row's record besides the row itself. */
export function copyRecord(row: usize, to: usize): void {
  const record: usize = load<u32>(row, ROW_RECORD)
  if (record != 0) memory.copy(to, record, RECORD_SIZE)
  else {
    store<u32>(to, 0, RECORD_PREFIX)
    store<u32>(to, load<u32>(row, ROW_START), RECORD_START)
    store<u32>(to, sourceBytesOf(row), RECORD_BYTES)
  }
}
