import type { Random } from '../../src/simulation/random.ts'

const WORDS =
  'error failed timeout Exception handled panic at from in File user order cache retry warning fatal Caused by: the a of #0 0: note: Traceback request id path /x.js:12 main.go:41 java.lang.String com.acme.Order'
const words = WORDS.split(' ')
const LEVELS = ['INFO', 'WARN', 'ERROR', 'DEBUG', 'FATAL']

type Block = (random: Random, line: number) => readonly string[]

const phrase = (random: Random, most = 8) =>
  Array.from({ length: 1 + random.below(most) }, () => random.pick(words)).join(' ')
const time = (line: number) => new Date(1_764_400_000_000 + line * 37).toISOString()

/** What programs write that is one record a line, with errors and names of exceptions in it, or several lines that no grammar knows. */
const blocks: Readonly<Record<string, Block>> = {
  nginx: (random, line) => [
    `10.0.${random.below(256)}.${random.below(256)} - - [29/Nov/2026:07:00:${String(line % 60).padStart(2, '0')} +0000] "GET /error/${random.below(1e6)}?at=x HTTP/1.1" ${random.pick(['200', '404', '500'])} ${random.below(1e5)} "-" "Mozilla/5.0 (X11; Linux)"`,
  ],
  'nginx-error': (random) => [
    `2026/11/29 07:00:00 [error] 29#29: *${random.below(1e6)} open() "/usr/share/${phrase(random, 2)}" failed (2: No such file or directory), client: 10.0.0.1`,
  ],
  klog: (random, line) => [
    `${random.pick(['I', 'W', 'E'])}1129 07:00:00.${String(line % 1e6).padStart(6, '0')}       1 reflector.go:${random.below(900)}] "${phrase(random)}" err="${phrase(random)}"`,
  ],
  json: (random, line) => [
    JSON.stringify({
      level: random.pick(LEVELS),
      time: time(line),
      msg: phrase(random),
      stack: 'a\n\tat b.C.d(C.java:1)',
    }),
  ],
  logfmt: (random, line) => [
    `time=${time(line)} level=${random.pick(LEVELS).toLowerCase()} msg="${phrase(random)}" caller=main.go:${random.below(99)}`,
  ],
  logback: (random, line) => [
    `${time(line).replace('T', ' ').slice(0, 23)} ${random.pick(LEVELS)} [main] com.acme.Orders - ${phrase(random)}`,
  ],
  python: (random) => [`${random.pick(['INFO', 'WARNING', 'ERROR'])}:root:${phrase(random)}`],
  yaml: (random) => [
    `error: ${phrase(random)}`,
    '---',
    'apiVersion: v1',
    'kind: ConfigMap',
    'metadata:',
    `  name: ${random.pick(words)}`,
    '  labels:',
    `    at: ${phrase(random, 3)}`,
    'data:',
    '  from: here',
    '',
  ],
  sql: (random) => [
    `2026-11-29 07:00:00 UTC [31] ERROR:  relation "${random.pick(words)}" does not exist at character ${random.below(99)}`,
    `2026-11-29 07:00:00 UTC [31] STATEMENT:  SELECT *`,
    '\tFROM orders',
    `\t  WHERE at > ${random.below(1e6)}`,
    '    at least one row',
    `\tORDER BY id;`,
  ],
  table: (random) => [
    'ERROR in these rows:',
    '+----+--------+',
    '| id | name   |',
    '+----+--------+',
    `| ${random.below(99)} | ${random.pick(words)} |`,
    '+----+--------+',
    '  1: one',
    ' 12  two    3.5',
    '   at 07:00',
  ],
  markdown: (random) => [`# ${phrase(random, 3)}`, '', `#1 ${phrase(random, 3)}`, `* ${phrase(random)}`, '> quoted'],
  settings: () => ['server {', '  listen 80;', '  error_page 500 /500.html;', '}', '{', '  debug: true,', '}'],
  banner: (random) => [
    '',
    '  .   ____',
    " /\\\\ / ___'_ __ _ _(_)_ __",
    `  :: Spring Boot ::   (v3.${random.below(9)}.0)`,
    '',
  ],
  words: (random) => [phrase(random)],
  progress: (random) => [
    `  at ${random.below(100)} %`,
    `    from ${random.below(9)} to 9`,
    `   ${random.below(99)} done`,
  ],
  names: (random) => [`main: ${phrase(random)}`, `worker-${random.below(9)}: started`, 'Done', 'main.main'],
}

/** So many lines, block by block. */
export function* ordinaryLines(random: Random, count: number): Generator<string> {
  const kinds = Object.values(blocks)
  for (let line = 0; line < count; ) {
    // Programs write more than one of a kind.
    const kind = random.pick(kinds)
    for (let left = 1 + random.below(20); left > 0; left -= 1)
      for (const text of kind(random, line)) {
        yield text
        line += 1
      }
  }
}
