/**
 * What stands before the place that is looked at, one bit each: nothing but a space; a time; a bracket; a name; a month or day, first; a space
 * before the first word.
 */
export const IS_FIRST: u32 = 1
export const HAS_TIME: u32 = 2
export const HAS_BRACKET: u32 = 4
export const HAS_NAME: u32 = 8
export const HAS_DAY: u32 = 16
export const IS_INDENTED: u32 = 32
