// What a line is, by how it begins and ends. Most lines are none of these: looked at only where `isSpecial` says so, or beside such a line.

export const OTHER: u32 = 0
export const BLANK: u32 = 1
/** Begins with a space or a tab, and is none of those below. */
export const INDENTED: u32 = 2
/** `    at f (x.js:1:2)`, `\tat a.b.C.d(C.java:1)`; and one that ends in ` {`. */
export const AT: u32 = 3
export const AT_BRACE: u32 = 4
/** `\t... 3 more` */
export const MORE: u32 = 5
/** `Caused by: `, `Suppressed: `, `Wrapped by: ` */
export const CAUSE: u32 = 6
/** `   --- End of inner exception stack trace ---` and ` ---> ` */
export const NET: u32 = 7
/** `  File "x.py", line 1` */
export const PY_FILE: u32 = 8
/** `  | ` and `  +-`, and the first one: `  + Exception Group Traceback (most recent call last):` */
export const PY_GROUP: u32 = 9
export const PY_GROUP_HEAD: u32 = 10
/** `\tfrom x.rb:1:in `, `  x.rb:1:in `; and the same without an indent. */
export const FROM: u32 = 11
export const RB_FRAME: u32 = 12
/** `\t/x/main.go:1 +0x1d` */
export const GO_FILE: u32 = 13
/** `   0: core::panicking` */
export const RUST_FRAME: u32 = 14
/** Nothing but `^`, `~` and spaces. */
export const CARET: u32 = 15
export const TRACEBACK: u32 = 16
/** `During handling of the above exception, another exception occurred:` */
export const PY_CHAIN: u32 = 17
/** An exception's name, alone or before its message. */
export const HEADER: u32 = 18
/** Any name before a colon, and any name alone. */
export const NAME: u32 = 19
export const WORD: u32 = 20
/** `panic: `, `fatal error: ` */
export const PANIC: u32 = 21
export const SIGNAL: u32 = 22
export const GOROUTINE: u32 = 23
/** `main.f(0x1)`, `created by main.main in goroutine 1` */
export const GO_FUNC: u32 = 24
export const GO_ELIDED: u32 = 25
export const GO_EXIT: u32 = 26
/** `thread 'main' panicked at x.rs:1:2:`, whose message follows, and the older form, which has it. */
export const RUST_PANIC: u32 = 27
export const RUST_OLD: u32 = 28
export const NOTE: u32 = 29
/** `Stack trace:`, `stack backtrace:`, `[stacktrace]`, `[previous exception]` */
export const STACK: u32 = 30
/** `#1 `, and `#0 `. */
export const HASH: u32 = 31
export const HASH_FIRST: u32 = 32
/** `Next Exception: `, in PHP. */
export const NEXT: u32 = 33
/** `"} `, where Laravel's record ends; `  thrown in x.php on line 1` */
export const PHP_END: u32 = 34
export const THROWN: u32 = 35
export const ASYNC: u32 = 36
/** `Unhandled exception:` */
export const DART: u32 = 37
/** `** (RuntimeError) …`, and other lines with two stars. */
export const ELIXIR: u32 = 38
export const STARS: u32 = 39
/** `Last message: …`, `State: …`, `Function: …` */
export const EX_TAIL: u32 = 40
/** `=CRASH REPORT==== …` */
export const ERLANG: u32 = 41
/** `fail: App.Worker[0]` */
export const CONSOLE: u32 = 42
/** `/x.js:1`, `node:internal/x:1` */
export const NODE_PATH: u32 = 43
export const NODE_END: u32 = 44
export const CLOSE: u32 = 45
export const OPEN: u32 = 46
/** Any other line that begins with a brace. */
export const BRACED: u32 = 47
/** `-----BEGIN …-----` */
export const PEM: u32 = 48
/** `--- End of stack trace from previous location ---` */
export const NET_END: u32 = 49
/** `x.rb:1:in 'f': message (RuntimeError)`; `E, [2026-…`, of Ruby's logger. */
export const RB_HEAD: u32 = 50
export const RB_LOG: u32 = 51
