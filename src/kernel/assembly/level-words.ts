import { each } from './bytes'
import { firstBytes } from './utf8'

// Hot file: looks up each word that may be a level. Guarded by test/bench.

/** A level is its place from 1 on; with it stands in which texts the word means one. */
export const LEVEL_BITS: u32 = 7
/** Name of a member of JSON, or of a pair of logfmt, that tells the level. */
export const IS_NAME: u32 = 7
/** By itself at the beginning of a line it is one. */
export const IS_CORE: u32 = 1 << 3
/** In capitals only, and behind a time or before a colon: it means something else as often as not. */
export const IS_COMMON: u32 = 1 << 4
/** In capitals only, and behind a time or a bracket. */
export const IS_SHORT: u32 = 1 << 5
/** In one program's layout only; with IS_COMMON as the value of a member or of a pair too. */
export const IS_ODD: u32 = 1 << 6
/** It is no level but a month, a day, a half of it or a zone. */
export const IS_DAY: u32 = 1 << 7

/** A table of words, found by their digest: 16 bytes of small letters each, padded with zeros, and what each means; 0: none. */
const SLOTS: u32 = 256
const WORDS: usize = memory.data(4096, 16)
const MEANINGS: usize = memory.data(256, 16)

/** An odd number, found by trying, with which hardly any of the words meet in one slot, and none of the usual ones. */
const DIGEST: u64 = 0xf04e988112de22b1

/** By a word's first letter: one bit for each letter that stands second in a word that means something. */
const SECONDS: usize = memory.data(128, 16)

/** Adds the word [start, end), up to 16 small letters. */
export function addWord(start: usize, end: usize, meaning: u32): void {
  const word = firstBytes(start, end - start)
  let slot = slotOf(word)
  while (load<u8>(MEANINGS + slot) != 0) slot = (slot + 1) & (SLOTS - 1)
  v128.store(WORDS + ((<usize>slot) << 4), word)
  store<u8>(MEANINGS + slot, <u8>meaning)
  const seconds = secondsAt(load<u8>(start))
  store<u32>(seconds, load<u32>(seconds) | (1 << (load<u8>(start, 1) & 31)))
}

/** 1 if a word that begins with these two letters may mean something, whatever their case; 0 if not. */
export function mayMean(first: u32, second: u32): u32 {
  return (load<u32>(secondsAt(first)) >> (second & 31)) & 1
}

function secondsAt(letter: u32): usize {
  return SECONDS + ((letter & 31) << 2)
}

/** What the word [start, end) means, whatever its letters' case; 0 for any other. */
export function meaningOf(start: usize, end: usize): u32 {
  if (end - start - 1 >= 16) return 0
  const bytes = firstBytes(start, end - start)
  const capitals = i8x16.le_u(i8x16.sub(bytes, each(0x41)), each(25))
  const word = v128.or(bytes, v128.and(capitals, each(0x20)))
  let slot = slotOf(word)
  while (load<u8>(MEANINGS + slot) != 0 && v128.any_true(v128.xor(word, v128.load(WORDS + ((<usize>slot) << 4)))))
    slot = (slot + 1) & (SLOTS - 1)
  return load<u8>(MEANINGS + slot)
}

function slotOf(word: v128): u32 {
  const all = i64x2.extract_lane(word, 0) ^ rotl<i64>(i64x2.extract_lane(word, 1), 23)
  return <u32>((<u64>all * DIGEST) >> 56)
}

/** Where the level's word stands that was found last. */
export let foundStart: usize = 0
export let foundEnd: usize = 0

/** Notes where the word of the level stands, and returns that. */
export function found(start: usize, end: usize, meaning: u32): u32 {
  foundStart = start
  foundEnd = end
  return meaning & LEVEL_BITS
}

/** The level that the word [start, end) is as the value of a member or of a pair that tells it, or 0. */
export function levelOfValue(start: usize, end: usize): u32 {
  const meaning = meaningOf(start, end)
  return isLevel(meaning) && (meaning & (IS_ODD | IS_COMMON)) != IS_ODD ? found(start, end, meaning) : 0
}

/** PHP's name, before its own words. */
export const IS_PHP: u32 = IS_DAY | IS_ODD

/** Whether a word with that meaning is a level at all. */
export function isLevel(meaning: u32): bool {
  return (meaning & LEVEL_BITS) - 1 < IS_NAME - 1
}
