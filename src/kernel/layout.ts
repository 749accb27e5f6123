// What TypeScript and the WebAssembly module read and write for each other, declared once: both sides import this file. Offsets in bytes from the
// address that the module exports under the name in capitals; each value is a 32-bit word unless said otherwise.

/** Bytes of a value, unless said otherwise. */
export const WORD = 4

/** LINE: what was found in the line that was parsed last. Addresses of its time and body. */
export const LINE_TIME_START = 0
export const LINE_TIME_END = 4
export const LINE_BODY_START = 8
export const LINE_BODY_END = 12
/** 0: stdout, 1: stderr. */
export const LINE_STREAM = 16
/** 1: a continuation follows. */
export const LINE_IS_PARTIAL = 20
/** Where the line begins, and how many bytes it has in its file. */
export const LINE_SOURCE_START = 24
export const LINE_SOURCE_BYTES = 28
export const LINE_SIZE = 32

/** RUN: where the last run stopped in the input and in the output, how many entries it wrote of how many lines. */
export const RUN_AT = 0
export const RUN_USED = 4
export const RUN_ENTRIES = 8
export const RUN_LINES = 12
export const RUN_SIZE = 16

/** TEMPLATE: where each part begins, with its end behind it. Of a text and of JSON: before the body of both streams, and behind it. */
export const TEMPLATE_BEFORE_TIME = 0
export const TEMPLATE_TEXT = 8
export const TEMPLATE_JSON = 32
export const TEMPLATE_BEFORE_ID = 56
export const TEMPLATE_SIZE = 64

/** RECORD_IDS: whether entries have ids; what an address is less than the offset in the file, 64 bits; 16 characters for each stream. */
export const RECORD_IDS_ARE_ON = 0
export const RECORD_IDS_BASE = 8
export const RECORD_IDS_DIGESTS = 16
export const RECORD_IDS_SIZE = 48

/** LIST: where the body of each listed line begins and ends. VALUES: the same of members of a JSON object. */
export const SPAN_START = 0
export const SPAN_END = 4
export const SPAN_SIZE = 8
