// What TypeScript and the WebAssembly module read and write for each other, declared once: both sides import this file. Offsets in bytes from the
// address that the module exports under the name in capitals; each value is a 32-bit word unless said otherwise.

/** Bytes of a value, unless said otherwise. */
export const WORD = 4

/** ROWS: what was found in each line. Addresses of its time and body, and where the line begins and the next one does. */
export const ROW_TIME = 0
export const ROW_BODY = 4
/** Bytes of the body that are there. */
export const ROW_BODY_BYTES = 8
export const ROW_START = 12
export const ROW_END = 16
/** 16 bits: see below. */
export const ROW_FLAGS = 20
/** 8 bits. */
export const ROW_TIME_BYTES = 22
/** 8 bits: 0 where the line does not say; else its place among the levels, from 1 on. */
export const ROW_LEVEL = 23
/** Bytes of the whole body, of rows flagged LONG. */
export const ROW_TRUE_BYTES = 24
/** Address of what is known of the record where it is not the line: see RECORD. 0: it is. */
export const ROW_RECORD = 28
export const ROW_SIZE = 32

/** 0: stdout, 1: stderr, 2: unknown, as that of a malformed line is. */
export const STREAM = 3
/** The body stands as the JSON that it is. */
export const JSON_FORM = 1 << 2
/** Any flag is set that the usual way of rendering does not look at. */
export const ODD = 1 << 3
export const PARTIAL = 1 << 4
export const MALFORMED = 1 << 5
export const TRUNCATED = 1 << 6
export const LOST = 1 << 7
/** The body is JSON string content, checked to be valid; else it is bytes, which may be no UTF-8. */
export const ESCAPED = 1 << 8
/** The line goes on in the next one of its stream. */
export const CONTINUES = 1 << 9
/** The body may be longer than a body may be. */
export const LONG = 1 << 10
/** Nothing of it is rendered. */
export const DROPPED = 1 << 11
/** An earlier run has delivered it. */
export const REPEATED = 1 << 12
/** With it goes what is held of its stream. */
export const COMPLETES = 1 << 13
/** What comes next of its stream may be the end of it. */
export const TEARS = 1 << 14
/** No line of the log stands behind it. */
export const NO_LINE = 1 << 15

/**
 * RECORD: the beginning of its id, up to the number of bytes, or a zero and the address of its first byte; bytes in its files; address and bytes of the
 * JSON that tells of a loss.
 */
export const RECORD_PREFIX = 0
export const RECORD_START = 4
export const RECORD_BYTES = 32
export const RECORD_NOTE = 36
export const RECORD_NOTE_BYTES = 40
export const RECORD_SIZE = 48

/**
 * HELD: for each stream a row, whose time is 0 while nothing is held; its record; the first part in this chunk, 0 if none; whether it began since
 * TypeScript has looked; its time.
 */
export const HELD_RECORD = 32
export const HELD_FIRST = 80
export const HELD_IS_NEW = 84
export const HELD_TIME = 96
export const HELD_SIZE = 160

/** SCAN: where it stopped; all flags that were seen. */
export const SCAN_AT = 0
export const SCAN_SEEN = 4
export const SCAN_SIZE = 16

/** SETTINGS: longest body; streams whose next record may be an end, one bit each; whether JSON objects stand as such; the least level, or 0. */
export const MAXIMUM_BODY = 0
export const TORN = 4
export const TAKES_JSON = 8
export const LEAST_LEVEL = 12
/** Free memory for what stages make of bodies, and for what rendering does. */
export const STAGE_START = 16
export const STAGE_END = 20
export const RENDER_START = 24
/** Time and its length for lines that have none. */
export const NOW_BYTES = 28
export const NOW = 32
/** What stages have used of their memory in this window. */
export const STAGE_NEXT = 60
/** 64 bits: the same time since 1970. */
export const NOW_NANOSECONDS = 64
export const SETTINGS_SIZE = 80

/**
 * RUN: rows that are next, and the end of those that are ready; where the next row begins in the input; where the next byte goes, the batch begins, the
 * next entry's end is put, and no more can be; inside an entry the operation, what of it is done, and where the entry begins.
 */
export const RUN_FROM = 0
export const RUN_TO = 4
export const RUN_AT = 8
export const RUN_OUT = 12
export const RUN_BASE = 16
export const RUN_ENDS = 20
export const RUN_LAST_END = 24
export const RUN_OP = 28
export const RUN_DONE = 32
export const RUN_START = 36
/** What became of rows since these were last set to zero. */
export const COUNT_LINES = 40
export const COUNT_JOINED = 44
export const COUNT_REPEATED = 48
export const COUNT_FILTERED = 52
export const COUNT_ENTRIES = 56
export const COUNT_MALFORMED = 60
export const COUNT_TRUNCATED = 64
export const COUNT_UNFINISHED = 68
/** How many rows there are, and up to where more are to be taken from the input; 0: from nowhere. */
export const RUN_COUNT = 72
export const RUN_INPUT_END = 76
export const RUN_SIZE = 80

/** PROGRAM: lists of operations, by the lowest three bits of a row's flags, and last the one for odd rows; whether bodies are to be decoded. */
export const PROGRAM_ODD = 32
export const PROGRAM_DECODES = 36
export const PROGRAM_SIZE = 48

/** An operation: what it is; a literal that stands before it, from A to B; and what it needs. */
export const OP_KIND = 0
export const OP_LITERAL = 4
export const OP_LITERAL_END = 8
export const OP_FORM = 12
export const OP_VALUE = 16
export const OP_NEXT = 20
export const OP_SIZE = 32

export const OP_END = 0
/** As it is written. */
export const OP_TIME = 1
export const OP_BODY_STRING = 2
export const OP_BODY = 3
/** Goes on at NEXT unless the flags in FORM are those in VALUE. */
export const OP_IF = 4
/** So many bytes, VALUE, as fit in no memory of the kernel's: TypeScript writes them. */
export const OP_FOREIGN = 5
export const OP_RECORD_ID = 6
/** Of which VALUE nanoseconds are one, as FORM says. */
export const OP_TIME_NUMBER = 7
/** One of the literals in the table at VALUE, by the row's level. */
export const OP_LEVEL = 8
/** Bytes of the whole body, as FORM says. */
export const OP_TRUE_BYTES = 9
export const OP_NOTE = 10
/** Bytes that the operations up to NEXT make, as FORM says. */
export const OP_PREFIX = 11
/** Nothing but its literal. */
export const OP_NOTHING = 12
/** As OP_TIME_NUMBER: when it was read. */
export const OP_NOW_NUMBER = 14

/** Forms of a number: decimal digits, a varint, one byte, little- and big-endian. */
export const AS_DECIMAL = 0
export const AS_VARINT = 1
export const AS_BYTE = 2
export const AS_UINT32_BE = 3
export const AS_FIXED64 = 4
export const AS_UINT64_BE = 5

/** RECORD_IDS: what an address is less than the offset in the file, 64 bits; 16 characters for each stream. */
export const RECORD_IDS_BASE = 0
export const RECORD_IDS_DIGESTS = 16
export const RECORD_IDS_SIZE = 48

/** VALUES: where members of a JSON object begin and end. */
export const SPAN_START = 0
export const SPAN_END = 4
export const SPAN_SIZE = 8
