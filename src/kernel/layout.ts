// Memory that TypeScript and the WebAssembly module share. Both import this file. Offsets are in bytes from the address that the module exports under
// the name in capitals. Each value is a 32-bit word unless said otherwise.

/** Bytes of a value, unless said otherwise; and how far an address is shifted for its index among words, as JavaScript divides by floating point. */
export const WORD = 4
export const WORD_SHIFT = 2

/** ROWS: one per line. Addresses of its time and body, of the line, and of the next line. */
export const ROW_TIME = 0
export const ROW_BODY = 4
/** Bytes of the body, without what was not kept. */
export const ROW_BODY_BYTES = 8
export const ROW_START = 12
export const ROW_END = 16
/** 16 bits: see below. */
export const ROW_FLAGS = 20
/** 8 bits. */
export const ROW_TIME_BYTES = 22
/** 8 bits: 0 for an unknown level, else the index of the level plus 1. */
export const ROW_LEVEL = 23
/** Bytes of the whole body, of rows flagged LONG. */
export const ROW_TRUE_BYTES = 24
/** Address of a RECORD; 0 if the record is simply this line. */
export const ROW_RECORD = 28
/** Up to 15 bytes of ASCII letters and digits: how the line calls its level; and 8 bits, how many. Without meaning where the level is 0. */
export const ROW_WORD = 32
export const ROW_WORD_BYTES = 47
export const ROW_SIZE = 48
/** Index of the first row that a scan fills. Those before it are for records that were held: they are put in front of the row that ends them. */
export const ROW_FIRST = 8

/** 0: stdout, 1: stderr, 2: unknown, for malformed lines. */
export const STREAM = 3
/** The body is a JSON object and is rendered as such. */
export const JSON_FORM = 1 << 2
/** One of the flags below is set, so the row needs the program's list for odd rows. */
export const ODD = 1 << 3
export const PARTIAL = 1 << 4
export const MALFORMED = 1 << 5
export const TRUNCATED = 1 << 6
export const LOST = 1 << 7
/** The body is valid JSON string content. Otherwise it is bytes that may not be valid UTF-8. */
export const ESCAPED = 1 << 8
/** A partial: the line continues in the next row of its stream. */
export const CONTINUES = 1 << 9
/** The body may be longer than the maximum. */
export const LONG = 1 << 10
/** It is not rendered. */
export const DROPPED = 1 << 11
/** An earlier run has delivered it. */
export const REPEATED = 1 << 12
/** It ends the unfinished line of its stream. */
export const COMPLETES = 1 << 13
/** It is delivered without its end, which may come next in its stream. */
export const TEARS = 1 << 14
/** It does not come from a line of the log. */
export const NO_LINE = 1 << 15
/** Both together: it tells of lines that were left out. */
export const SAMPLED = MALFORMED | LOST

/**
 * RECORD: its id without the number of bytes, or a zero and the address of its first byte; its bytes in the files; address and length of the JSON of
 * a loss, or of what was left out; how many lines were joined, 0 for a single one.
 */
export const RECORD_PREFIX = 0
export const RECORD_START = 4
export const RECORD_BYTES = 32
export const RECORD_NOTE = 36
export const RECORD_NOTE_BYTES = 40
/** The note escaped as content of a JSON string stands behind it. */
export const RECORD_NOTE_STRING_BYTES = 44
export const RECORD_LINES = 48
export const RECORD_SIZE = 64

/**
 * HELD: the unfinished line of each stream. A row, whose time is 0 if there is none; its record; the address of its first partial in this chunk, or 0;
 * whether it began after TypeScript has looked; its time.
 */
export const HELD_RECORD = 32
export const HELD_FIRST = 96
export const HELD_IS_NEW = 100
export const HELD_TIME = 112
export const HELD_SIZE = 176

/**
 * GROUPS: of each stream the lines that wait for their followers. The state of its grammar, 0 after its end; how many of its slots behind the first were
 * filled; see below; what JSON may come next, in how many objects and arrays, and a bit for each that is an object.
 */
export const GROUP_STATE = 0
export const GROUP_PENDING = 4
export const GROUP_FLAGS = 8
export const GROUP_JSON_NEXT = 12
export const GROUP_JSON_DEPTH = 16
export const GROUP_JSON_OBJECTS = 24
export const GROUP_SLOTS = 32
/** It has a stack trace. */
export const IS_TRACE = 1
/** Its beginning went out before, since it was too long. */
export const IS_REST = 2
/** Its beginning has just gone out, and the line that had no room comes again. */
export const GOES_ON = 4
/**
 * A slot: a row, whose time is 0 if there is none; its record; its time; the address of its first byte in this chunk, or 0; and which slots it was
 * when the chunk began, one bit each. The first slot has the lines that are joined for sure; the others one line each, until the next one decides.
 */
export const SLOT_RECORD = 48
export const SLOT_TIME = 112
export const SLOT_FIRST = 160
export const SLOT_WAS = 164
export const SLOT_SIZE = 176
export const SLOT_COUNT = 5
/** In SLOT_WAS: it has a line that began as the stream's unfinished one. */
export const WAS_HELD = 1 << 7
export const GROUP_SIZE = 912

/** SCAN: the flags of all rows of the last scan, combined. */
export const SCAN_SEEN = 0
export const SCAN_SIZE = 16

/** SETTINGS: maximum bytes of a body; see `Kernel.tornStreams`; whether JSON objects are rendered as such; the minimum level plus 1, or 0. */
export const MAXIMUM_BODY = 0
export const TORN = 4
export const TAKES_JSON = 8
export const LEAST_LEVEL = 12
/** Memory for bodies that stages make, and for rendering. */
export const STAGE_START = 16
export const STAGE_END = 20
export const RENDER_START = 24
/** Time, and its length, of rows that have none. */
export const NOW_BYTES = 28
export const NOW = 32
/** Whether rows need a level. */
export const FINDS_LEVEL = 56
/** The next free address of the stages' memory in this window. */
export const STAGE_NEXT = 60
/** 64 bits: the same time since 1970. */
export const NOW_MILLISECONDS = 64
/** Which lines are joined: see below; maximum bytes of what they make. */
export const JOINS_LINES = 80
export const GROUP_BYTES = 84
/** What is looked for in rows, bits as below; bytes for what is put in place of bodies; whether private keys are joined that would be lines of their own. */
export const LOOKS = 88
export const REDACT_BYTES = 92
export const KEEPS_KEYS = 96
/** Of patterns, texts that all they match have: a table of SPANs, and their number. */
export const LITERALS = 100
export const LITERAL_COUNT = 104
export const SETTINGS_SIZE = 112

/** The first four: presets of redaction, in their order (model/redaction.ts). Patterns. */
export const LOOK_CARDS = 1
export const LOOK_EMAILS = 2
export const LOOK_TOKENS = 4
export const LOOK_IPS = 8
export const LOOK_PATTERNS = 16
export const LOOK_ALL = 31
/** An end of the body is not the record's. */
export const LOOK_CUT = 32
/** In LOOKS: in each row, as a pattern has no text that is easily found. */
export const LOOK_ALWAYS = 64

/**
 * SUSPECTS: a word for each row of a window: what it may have of LOOKS. TypeScript looks, and puts there the address of a REDACTION, or 0: which rules hit,
 * one bit each; their names as a list of JSON, and as a text, behind each other.
 */
export const REDACTION_RULES = 0
export const REDACTION_LIST_BYTES = 4
export const REDACTION_TEXT_BYTES = 8
export const REDACTION_NAMES = 12

/** JOINS_LINES: none; by known grammars; indented ones; by where TypeScript says that a record begins, in the first byte of ROW_WORD. */
export const JOINS_NONE = 0
export const JOINS_KNOWN = 1
export const JOINS_INDENTED = 2
export const JOINS_BY_START = 3

/**
 * RUN: the next row, and the end of those that the stages have annotated; the input up to which all is rendered; the next byte of the output, the start of
 * the batch, where the next entry's end is stored, and the end of that list; inside an entry: the operation, its bytes that are done, the entry's start.
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
/** Counters of rows, which TypeScript sets to zero. */
export const COUNT_LINES = 40
export const COUNT_JOINED = 44
export const COUNT_REPEATED = 48
export const COUNT_FILTERED = 52
export const COUNT_ENTRIES = 56
export const COUNT_MALFORMED = 60
export const COUNT_TRUNCATED = 64
export const COUNT_UNFINISHED = 68
/** Records of several lines, their lines, and how many were too long. */
export const COUNT_GROUPS = 72
export const COUNT_GROUPED = 76
export const COUNT_CUT = 80
/** Where the rows end, and the end of the input to scan by itself; 0: it does not scan. */
export const RUN_COUNT = 84
export const RUN_INPUT_END = 88
/** Whether the rows up to the next index are told by TypeScript to begin records; that index. */
export const RUN_IS_TOLD = 92
export const RUN_TELL_TO = 96
/** Rules that have counted, one bit each, and the records of each. */
export const RUN_REDACTED = 100
export const COUNT_REDACTED = 112
export const RULE_COUNT = 32
export const RUN_SIZE = 240

/** PROGRAM: addresses of the lists of operations, by the lowest three bits of a row's flags, and of the list for odd rows; whether it needs decoded bodies. */
export const PROGRAM_ODD = 32
export const PROGRAM_DECODES = 36
export const PROGRAM_SIZE = 48

/** An operation: its kind; start and end of the literal before it; its arguments. */
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
/** Continues at NEXT unless the flags in the mask FORM have the value VALUE; mask 0: unless lines were joined, or, with VALUE 1, something redacted. */
export const OP_IF = 4
/** A literal of VALUE bytes for which the kernel has no room: TypeScript writes it. */
export const OP_FOREIGN = 5
export const OP_RECORD_ID = 6
/** The time as a number in units of VALUE nanoseconds, in form FORM. */
export const OP_TIME_NUMBER = 7
/** One of the literals in the table at VALUE, by the row's level. */
export const OP_LEVEL = 8
/** The original length of the body, in form FORM. */
export const OP_TRUE_BYTES = 9
/** FORM 1: escaped. */
export const OP_NOTE = 10
/** The number of bytes that the operations before NEXT write, in form FORM. */
export const OP_PREFIX = 11
/** Nothing but its literal. */
export const OP_NOTHING = 12
/** As OP_TIME_NUMBER: when it was read. */
export const OP_NOW_NUMBER = 14
/** How many lines were joined, in form FORM. */
export const OP_LINES = 15
/** As the line has it; nothing where no level is known. */
export const OP_LEVEL_WORD = 13
/** Trace id, span id and flags of a JSON object, each behind a literal of the table at VALUE. Only within an OP_PREFIX, which looks for them. */
export const OP_TRACE = 16
/** Names of the rules that have redacted something, as a list of JSON; FORM 1: as a text. */
export const OP_REDACTED = 17

/** Forms of a number: decimal digits, a varint, one byte, little- and big-endian. */
export const AS_DECIMAL = 0
export const AS_VARINT = 1
export const AS_BYTE = 2
export const AS_UINT32_BE = 3
export const AS_FIXED64 = 4
export const AS_UINT64_BE = 5
/** Of a time: seconds in decimal, a point, nine digits. */
export const AS_SECONDS = 6

/** RECORD_IDS: the difference between an offset in the file and its address, 64 bits; the digests, 16 characters per stream. */
export const RECORD_IDS_BASE = 0
export const RECORD_IDS_DIGESTS = 16
export const RECORD_IDS_SIZE = 48

/** Start and end of a literal in a table. */
export const SPAN_START = 0
export const SPAN_END = 4
export const SPAN_SIZE = 8
