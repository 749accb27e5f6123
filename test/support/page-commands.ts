import { pages, pageText } from './pages.ts'

/** A simple command of a page: between pipes, `&&` and the like. */
export interface PageCommand {
  readonly page: string
  /** As it stands in the page. */
  readonly line: string
  readonly words: readonly string[]
  /** In a sentence: it may lack its arguments. */
  readonly isMention: boolean
}

/** The programs that pages tell a reader to run. */
const PROGRAMS = /^(bash|cd|curl|docker|export|helm|jq|kind|kubectl|kustomize|loggy|minikube|node|npm|npx|sed)$/

/** What stands in blocks of code and is no command, by its beginning. */
const OTHER_CODE: Readonly<Record<string, RegExp>> = {
  'README.md': /^(GET \/health "200"|2026-\S+Z stdout F )/,
  'docs/commands.md': /^((ok|fail) {2}|The last lines of |stdout )/,
  'docs/configuration.md': /^# yaml-language-server: /,
  'docs/metrics.md': /^(loggy_|\+ loggy_)/,
  'docs/redaction.md': /^\{"time"/,
}

/** A word in double or single quotes, an operator, a comment, a plain word; `bash|zsh` is one of these. */
const WORD = /"([^"]*)"|'([^']*)'|(&&|(?<!\w)\||[;()]|>>?\S*)|(#.*)|((?:[^\s"'|;()&>]|(?<=\w)\||&(?!&)|"[^"]*")+)/g

export const pageCommands: readonly PageCommand[] = pages
  .filter((page) => page !== 'CHANGELOG.md')
  .flatMap((page) => [...blockCommands(page), ...mentions(page)])

/** Lines of code that are neither a command of a known program nor known to be something else. */
export const unknownCode: readonly string[] = pages.flatMap((page) =>
  codeLines(page)
    .filter((line) => !OTHER_CODE[page]?.test(line) && !PROGRAMS.test(firstWord(line)))
    .map((line) => `${page}: ${line}`),
)

function blockCommands(page: string): PageCommand[] {
  const lines = codeLines(page).filter((line) => PROGRAMS.test(firstWord(line)))
  return lines.flatMap((line) => simpleCommands(line).map((words) => ({ page, line, words, isMention: false })))
}

function mentions(page: string): PageCommand[] {
  const found = Array.from(withoutFences(page).matchAll(/`([^`\n]+)`/g), ([, code = '']) => code)
  const lines = found.filter((code) => PROGRAMS.test(firstWord(code)) && code.includes(' '))
  return lines.flatMap((line) => simpleCommands(line).map((words) => ({ page, line, words, isMention: true })))
}

function firstWord(line: string): string {
  return /^\(?(\S+)/.exec(line)?.[1] ?? ''
}

/** Of indented blocks; a line that ends with a backslash goes on in the next one. */
function codeLines(page: string): string[] {
  const text = withoutFences(page).replaceAll(/ *\\\n */g, ' ')
  return Array.from(text.matchAll(/^ {4}(\S.*)$/gm), ([, line = '']) => line)
}

/** Blocks between fences hold files. */
function withoutFences(page: string): string {
  return pageText(page).replaceAll(/^ *```.*?^ *```$/gms, '')
}

/** A line of a shell: as much of its grammar as pages use. */
function simpleCommands(line: string): string[][] {
  const commands: string[][] = [[]]
  for (const [, double, single, operator, comment, plain] of line.matchAll(WORD)) {
    if (comment !== undefined) break
    if (operator !== undefined) commands.push([])
    else commands.at(-1)?.push(double ?? single ?? plain ?? '')
  }
  return commands.filter((words) => words.length > 0)
}
