import { ROW_FIRST, ROW_FLAGS, ROW_SIZE, RUN_SIZE, SETTINGS_SIZE } from '../layout'

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

export function count1(counter: usize): void {
  store<u32>(RUN + counter, load<u32>(RUN + counter) + 1)
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
