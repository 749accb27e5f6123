import type { ContainerRef } from '../model/container-ref.ts'
import type { ExplainedLine, ExplainedLines } from '../model/explained-line.ts'
import type { LineShape } from '../model/line-shape.ts'

/** Characters of a line that are shown. */
const MOST_CHARACTERS = 120

/** What a line of that shape is. */
const WORDS: Readonly<Record<LineShape, string>> = {
  other: 'a line without a known form',
  blank: 'a blank line',
  indented: 'an indented line',
  at: 'a stack frame',
  at_brace: 'a stack frame with properties behind it',
  more: 'the number of frames that are left out',
  cause: 'the cause of an exception',
  net: "a line of .NET's inner exception",
  py_file: "a stack frame of Python's",
  py_group: "a line of Python's exception group",
  py_group_head: "the first line of Python's exception group",
  from: "a stack frame of Ruby's",
  rb_frame: "a stack frame of Ruby's",
  go_file: "the place of a function in Go's stack",
  rust_frame: "a stack frame of Rust's",
  caret: 'the mark below a line of code',
  traceback: "the first line of Python's traceback",
  py_chain: "Python's words between two exceptions",
  header: "an exception's name",
  name: 'a name before a colon',
  word: 'a name alone',
  panic: "Go's panic",
  signal: "the signal of Go's panic",
  goroutine: "the first line of a goroutine's stack",
  go_func: "a function in Go's stack",
  go_elided: "the number of Go's frames that are left out",
  go_exit: "the exit status behind Go's panic",
  rust_panic: "Rust's panic",
  rust_old: "Rust's panic and its message",
  note: "the note behind Rust's panic",
  stack: 'the first line of a stack',
  hash: 'a numbered stack frame',
  hash_first: 'the first numbered stack frame',
  next: "PHP's next exception",
  php_end: "the end of PHP's record",
  thrown: 'where PHP says that it was thrown',
  async: "a gap in Dart's stack",
  dart: "Dart's exception",
  elixir: "Elixir's exception",
  stars: "a line of Erlang's report",
  ex_tail: "the state behind Elixir's exception",
  erlang: "Erlang's report",
  console: "the first line of an entry of .NET's console",
  node_path: 'the place in the code that Node shows before an error',
  node_end: "the last line of Node's error",
  close: 'a closing brace',
  open: 'an opening brace alone on its line',
  braced: 'a line of JSON',
  pem: 'the first line of a PEM block',
  net_end: "the end of one of .NET's stacks",
  rb_head: "Ruby's exception",
  rb_log: "a warning or worse of Ruby's logger",
}

/** What the lines between the first and the last of such records are, whatever their form. */
const INSIDE: Partial<Readonly<Record<LineShape, string>>> = {
  open: 'it goes on with the JSON object',
  pem: 'it is in the PEM block',
  console: 'it is indented below the first line of the entry',
}

/** How the last lines of a container's log are joined, and why, one sentence each. */
export function lineSentences({ container }: ContainerRef, explained: ExplainedLines | undefined): string[] {
  if (explained === undefined) return []
  const { path, lines, by } = explained
  if (lines.length === 0) return [`There is no line of container ${container} to explain in ${path}.`]
  return [`The last lines of container ${container} in ${path}:`, ...lines.map((line) => sentence(line, by))]
}

function sentence(line: ExplainedLine, by: ExplainedLines['by']): string {
  const text = line.text === undefined ? '(in what was redacted of the record)' : shortened(line.text)
  return `${line.stream ?? 'unknown stream'} ${fate(line)}, as ${reason(line, by)}: ${text}`
}

function fate({ place, lines }: ExplainedLine): string {
  if (lines === 1) return 'alone'
  return place === 0 ? `begins a record of ${lines} lines` : 'joined'
}

function reason(line: ExplainedLine, by: ExplainedLines['by']): string {
  if (line.stream === undefined) return 'it has no known format'
  if (line.lines === 1 && (line.shape === 'braced' || (line.shape === 'open' && by !== 'known')))
    return 'JSON is joined to nothing'
  switch (by) {
    case 'known':
      return byShape(line)
    case 'indented':
      return byRule(line, { first: 'it is not indented', rest: 'it is indented' })
    case 'start':
      return byRule(line, { first: 'the pattern is found in it', rest: 'the pattern is not found in it' })
  }
}

/** `first`, `rest`: what is so of a record's first line, and of the others. */
function byRule(
  { place, lines, begins }: ExplainedLine,
  { first, rest }: { readonly first: string; readonly rest: string },
): string {
  if (lines > 1) return place === 0 ? `${first}, and what follows belongs to it` : rest
  return begins === undefined
    ? `${rest}, and no record is above it`
    : `${first}, and nothing that follows belongs to it`
}

function byShape({ place, lines, shape, firstShape, begins }: ExplainedLine): string {
  if (lines > 1 && place > 0) {
    const unnamed = 'it belongs to the message or the code that is shown there'
    return INSIDE[firstShape] ?? (shape === 'other' ? unnamed : `it is ${WORDS[shape]}`)
  }
  const what = begins === 'as-lead' ? 'it is a warning or worse, or names an exception' : `it is ${WORDS[shape]}`
  if (lines > 1) return `${what}, and what follows belongs to it`
  if (begins !== undefined) return `${what}, and nothing that follows belongs to it`
  // Many usual lines are a name, or begin with one; only behind others that means something.
  if (shape === 'name' || shape === 'word') return `it is ${WORDS.other}`
  return shape === 'other' || shape === 'blank' ? what : `${what}, and nothing before it has one behind it`
}

function shortened(text: string): string {
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS).toWellFormed()}…`
}
