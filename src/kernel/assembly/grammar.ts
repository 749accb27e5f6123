import * as shape from './shape'

// What may follow what: by state, then by shape. The comments of docs/kernel.md say which programs write so. The oracle has the same as lists.

/** A log line that says error or names an exception; an exception's name; a name behind such a line. */
export const LEAD: u32 = 1
export const HEADER: u32 = 2
export const LEAD_HEADER: u32 = 3
const LEAD_BLANK: u32 = 4
/** Of Java, Node and .NET; what Node prints of an error's properties. */
const FRAMES: u32 = 5
const FRAMES_BLANK: u32 = 6
const PROPERTIES: u32 = 7
const PY_TRACE: u32 = 8
const PY_CODE: u32 = 9
const PY_DONE: u32 = 10
const PY_BLANK: u32 = 11
const PY_CHAINED: u32 = 12
const PY_GROUPED: u32 = 13
const GO_PANIC: u32 = 14
const GO_BLANK: u32 = 15
/** A function may come, and the place in it must come. */
const GO_STACK: u32 = 16
const GO_PLACE: u32 = 17
const RUST_HEAD: u32 = 18
const RUST_MESSAGE: u32 = 19
const RUST_TRACE: u32 = 20
const STACK_HEAD: u32 = 21
const HASHES: u32 = 22
const HASH_BLANK: u32 = 23
const HASH_NEXT: u32 = 24
const DART_HEAD: u32 = 25
const DART_MESSAGE: u32 = 26
const ELIXIR: u32 = 27
const ERLANG: u32 = 28
const RUBY: u32 = 29
const NODE_PATH: u32 = 30
const NODE_SOURCE: u32 = 31
const NODE_CARET: u32 = 32
const NODE_BLANK: u32 = 33
/** A line of Ruby's logger. */
const RUBY_LEAD: u32 = 34
/** Those below are no exceptions. */
export const FIRST_PLAIN: u32 = 40
export const CONSOLE: u32 = 40
export const JSON: u32 = 41
export const PEM: u32 = 42
/** By a pod's own rules: see JOINS_LINES. */
export const BY_INDENT: u32 = 44
export const BY_START: u32 = 45
/** Nothing may follow. */
export const OVER: u32 = 43

/** Beside a state: the line belongs to the record only if a later one says so. */
export const MAYBE: u32 = 1 << 7

const FOLLOWERS: usize = memory.data(44 * 64, 16)
const STARTS: usize = memory.data(64, 16)

/** The state behind a line of that shape, 0 if it does not belong to the record. */
export function follow(state: u32, has: u32): u32 {
  return load<u8>(FOLLOWERS + ((<usize>state) << 6) + has)
}

/** The state behind a first line of that shape, or 0. */
export function start(has: u32): u32 {
  return load<u8>(STARTS + has)
}

function on(state: u32, has: u32, next: u32): void {
  store<u8>(FOLLOWERS + ((<usize>state) << 6) + has, <u8>next)
}

function begin(has: u32, state: u32): void {
  store<u8>(STARTS + has, <u8>state)
}

/** Fills the tables; to be called once. */
export function prepareGrammar(): void {
  begin(shape.HEADER, HEADER)
  begin(shape.RB_HEAD, HEADER)
  begin(shape.RB_LOG, RUBY_LEAD)
  begin(shape.AT, FRAMES)
  begin(shape.AT_BRACE, PROPERTIES)
  begin(shape.CAUSE, LEAD_HEADER)
  begin(shape.TRACEBACK, PY_TRACE)
  begin(shape.PY_GROUP_HEAD, PY_GROUPED)
  begin(shape.PY_FILE, PY_CODE)
  begin(shape.PANIC, GO_PANIC)
  begin(shape.GOROUTINE, GO_STACK)
  begin(shape.RUST_PANIC, RUST_HEAD)
  begin(shape.RUST_OLD, RUST_MESSAGE)
  begin(shape.DART, DART_HEAD)
  begin(shape.ELIXIR, ELIXIR)
  begin(shape.ERLANG, ERLANG)
  begin(shape.CONSOLE, CONSOLE)
  begin(shape.NODE_PATH, NODE_PATH)
  begin(shape.OPEN, JSON)
  begin(shape.PEM, PEM)
  prepareLeads()
  prepareFrames()
  preparePython()
  prepareGo()
  prepareRust()
  prepareHashes()
  prepareErlang()
}

function prepareLeads(): void {
  for (let state = LEAD; state <= LEAD_HEADER; state += 1) {
    on(state, shape.AT, FRAMES)
    on(state, shape.AT_BRACE, PROPERTIES)
    on(state, shape.CAUSE, LEAD_HEADER | MAYBE)
    on(state, shape.NET, FRAMES)
    on(state, shape.STACK, STACK_HEAD)
    on(state, shape.HASH_FIRST, HASHES)
    on(state, shape.FROM, RUBY)
    on(state, shape.BLANK, LEAD_BLANK | MAYBE)
  }
  on(LEAD, shape.HEADER, LEAD_HEADER | MAYBE)
  on(LEAD, shape.NAME, LEAD_HEADER | MAYBE)
  on(LEAD, shape.WORD, LEAD_HEADER | MAYBE)
  on(LEAD, shape.GO_FUNC, LEAD_HEADER | MAYBE)
  on(LEAD_HEADER, shape.GO_FILE, GO_STACK)
  on(LEAD, shape.TRACEBACK, PY_TRACE)
  on(LEAD, shape.PY_GROUP_HEAD, PY_GROUPED)
  on(LEAD, shape.PY_FILE, PY_CODE)
  on(LEAD, shape.GOROUTINE, GO_STACK)
  on(LEAD, shape.ELIXIR, ELIXIR)
  on(RUBY_LEAD, shape.RB_FRAME, RUBY)
  on(LEAD_BLANK, shape.GOROUTINE, GO_STACK)
  on(LEAD_BLANK, shape.RB_FRAME, RUBY)
  on(LEAD_BLANK, shape.FROM, RUBY)
  on(LEAD_BLANK, shape.NODE_END, OVER)
  on(RUBY, shape.FROM, RUBY)
  on(RUBY, shape.RB_FRAME, RUBY)
}

function prepareFrames(): void {
  on(FRAMES, shape.AT, FRAMES)
  on(FRAMES, shape.AT_BRACE, PROPERTIES)
  on(FRAMES, shape.MORE, FRAMES)
  on(FRAMES, shape.CAUSE, FRAMES)
  on(FRAMES, shape.NET, FRAMES)
  on(FRAMES, shape.NET_END, FRAMES)
  on(FRAMES, shape.BLANK, FRAMES_BLANK | MAYBE)
  on(FRAMES_BLANK, shape.NODE_END, OVER)
  onIndented(PROPERTIES, PROPERTIES)
  on(PROPERTIES, shape.CLOSE, FRAMES)
  onAny(NODE_PATH, NODE_SOURCE | MAYBE)
  on(NODE_SOURCE, shape.CARET, NODE_CARET)
  on(NODE_CARET, shape.BLANK, NODE_BLANK | MAYBE)
  on(NODE_CARET, shape.HEADER, HEADER)
  on(NODE_CARET, shape.AT, FRAMES)
  on(NODE_BLANK, shape.HEADER, HEADER)
  on(NODE_BLANK, shape.NODE_END, OVER)
}

function preparePython(): void {
  on(PY_TRACE, shape.PY_FILE, PY_CODE)
  onIndented(PY_CODE, PY_CODE)
  on(PY_CODE, shape.HEADER, PY_DONE)
  on(PY_CODE, shape.NAME, PY_DONE)
  on(PY_CODE, shape.WORD, PY_DONE)
  on(PY_DONE, shape.BLANK, PY_BLANK | MAYBE)
  on(PY_BLANK, shape.PY_CHAIN, PY_CHAINED)
  on(PY_CHAINED, shape.BLANK, PY_CHAINED)
  on(PY_CHAINED, shape.TRACEBACK, PY_TRACE)
  on(PY_CHAINED, shape.PY_GROUP_HEAD, PY_GROUPED)
  on(PY_GROUPED, shape.PY_GROUP, PY_GROUPED)
  on(PY_GROUPED, shape.PY_GROUP_HEAD, PY_GROUPED)
  on(PY_GROUPED, shape.BLANK, PY_BLANK | MAYBE)
}

function prepareGo(): void {
  on(GO_PANIC, shape.INDENTED, GO_PANIC | MAYBE)
  on(GO_PANIC, shape.SIGNAL, GO_PANIC)
  on(GO_PANIC, shape.BLANK, GO_BLANK | MAYBE)
  on(GO_PANIC, shape.GOROUTINE, GO_STACK)
  on(GO_BLANK, shape.GOROUTINE, GO_STACK)
  on(GO_BLANK, shape.GO_EXIT, OVER)
  on(GO_STACK, shape.GO_FUNC, GO_PLACE | MAYBE)
  on(GO_STACK, shape.WORD, GO_PLACE | MAYBE)
  on(GO_STACK, shape.GO_ELIDED, GO_STACK)
  on(GO_STACK, shape.GOROUTINE, GO_STACK)
  on(GO_STACK, shape.BLANK, GO_BLANK | MAYBE)
  on(GO_STACK, shape.GO_EXIT, OVER)
  on(GO_PLACE, shape.GO_FILE, GO_STACK)
}

function prepareRust(): void {
  onAny(RUST_HEAD, RUST_MESSAGE)
  onAny(RUST_MESSAGE, RUST_MESSAGE | MAYBE)
  on(RUST_MESSAGE, shape.INDENTED, RUST_MESSAGE)
  on(RUST_MESSAGE, shape.NOTE, OVER)
  on(RUST_MESSAGE, shape.STACK, RUST_TRACE)
  on(RUST_TRACE, shape.RUST_FRAME, RUST_TRACE)
  on(RUST_TRACE, shape.AT, RUST_TRACE)
  on(RUST_TRACE, shape.INDENTED, RUST_TRACE)
  on(RUST_TRACE, shape.NOTE, OVER)
}

/** PHP and Dart. */
function prepareHashes(): void {
  on(STACK_HEAD, shape.HASH_FIRST, HASHES)
  on(STACK_HEAD, shape.RUST_FRAME, RUST_TRACE)
  on(STACK_HEAD, shape.STACK, STACK_HEAD)
  on(HASHES, shape.HASH, HASHES)
  on(HASHES, shape.THROWN, OVER)
  on(HASHES, shape.PHP_END, OVER)
  on(HASHES, shape.ASYNC, HASHES)
  on(HASHES, shape.STACK, STACK_HEAD)
  on(HASHES, shape.BLANK, HASH_BLANK | MAYBE)
  on(HASH_BLANK, shape.NEXT, HASH_NEXT)
  on(HASH_NEXT, shape.STACK, STACK_HEAD)
  onAny(DART_HEAD, DART_MESSAGE | MAYBE)
  on(DART_HEAD, shape.HASH_FIRST, HASHES)
  on(DART_MESSAGE, shape.HASH_FIRST, HASHES)
}

function prepareErlang(): void {
  onIndented(ELIXIR, ELIXIR)
  on(ELIXIR, shape.EX_TAIL, ELIXIR)
  onIndented(ERLANG, ERLANG)
  on(ERLANG, shape.STARS, ERLANG)
  on(ERLANG, shape.ELIXIR, ERLANG)
}

function onIndented(state: u32, next: u32): void {
  for (let has = shape.INDENTED; has <= shape.CARET; has += 1) if (has != shape.RB_FRAME) on(state, has, next)
  on(state, shape.THROWN, next)
}

/** Whatever the line is, unless it begins a record. */
function onAny(state: u32, next: u32): void {
  for (let has = shape.OTHER; has <= shape.RB_LOG; has += 1) on(state, has, next)
  on(state, shape.PEM, 0)
  on(state, shape.RB_HEAD, 0)
  on(state, shape.RB_LOG, 0)
  on(state, shape.PY_GROUP_HEAD, 0)
  on(state, shape.TRACEBACK, 0)
  on(state, shape.PANIC, 0)
  on(state, shape.GOROUTINE, 0)
  on(state, shape.RUST_PANIC, 0)
  on(state, shape.RUST_OLD, 0)
  on(state, shape.DART, 0)
  on(state, shape.ERLANG, 0)
  on(state, shape.CONSOLE, 0)
  on(state, shape.NODE_PATH, 0)
  on(state, shape.OPEN, 0)
  on(state, shape.BRACED, 0)
}
