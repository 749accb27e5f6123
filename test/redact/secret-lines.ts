import type { Random } from '../../src/simulation/random.ts'

// Lines of made-up secrets of all forms, and of what stands around them and looks like one.

const HEX = '0123456789abcdef'
const CAPITALS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const LETTERS = `${CAPITALS}abcdefghijklmnopqrstuvwxyz`

const NAMES =
  'password passwd PASSWORD secret secret_key secretAccessKey api_key apikey api-key accessKey AccountKey private_key token TOKEN pwd authorization Authorization'.split(
    ' ',
  )
const BETWEEN = [
  '\\u00a0=',
  '\u2028=',
  '\\\\\\":',
  '=',
  ': ',
  '":"',
  '\\":\\"',
  ' = ',
  '=>',
  "'='",
  ': "',
  '\t=',
  '\r: ',
  '"  :  "',
  '\\t=\\"',
]
const VALUES = ['hunter2x9', 'Basic QWxhZGRpbjpvcGVu', 's3cr3t-9']
const CARDS =
  '4111 1111 1111 1111;4111111111111111;5500-0000-0000-0004;378282246310005;3782 822463 10005;4222222222222;6304000000000000;4111-1111-1111-1111-003;30569309025904'
const EMAILS =
  "x@y.io a.b+c@mail.example.com Zoë@bücher.de o'neil@ex.co a@xn--bcher-kva.ch user@a.b.c.d.org x@é.ch".split(' ')
const SHORT_IPS = '2001:db8::1 fe80::1 ::ffff:10.0.0.1 64:ff9b::1 fe80::a:b:c 1:: 2001:DB8::8:800:200C:417A'.split(' ')
const GLUE = [
  ...[
    '',
    ' ',
    ' ',
    '"',
    '\\"',
    "'",
    '=',
    ':',
    ': ',
    ',',
    ', ',
    '(',
    ')',
    '[',
    '\\n',
    '\\t',
    '\\u000a',
    '\\u0022',
    '\t',
    '\r',
  ],
  ...[';', '/', '.', '-', '_', 'a', 'F', 'é', '€', '\u00a0', 'x ', ' to ', '2026-11-30T12:34:56.789Z ', '1.5', ' 17 '],
  ...[
    '2026-11-30 12:34:56,789 ',
    '127.0.0.1',
    '0.0.0.0:80',
    'v1.2.3',
    'go@v1.5.0/x',
    '::',
    ':::',
    'key=',
    'task',
    'msg=',
  ],
  `sha256:${'ab12'.repeat(16)}`,
]
const PADDING = ['', '', '', 'word '.repeat(3), 'some more text here, 17 of 34 ', 'x'.repeat(37), ' '.repeat(90)]

type Secret = (random: Random) => string

/** One of each form. */
export const secrets: readonly Secret[] = [
  (random) => `A${random.pick([...'KS'])}IA${word(random, 16, CAPITALS)}`,
  (random) => `AIza${word(random, 35)}`,
  (random) => `gh${random.pick([...'pousr'])}_${word(random, 36)}`,
  (random) => `github_pat_${word(random, 30)}`,
  (random) => `glpat-${word(random, 20)}`,
  (random) => `xox${random.pick([...'abeoprs'])}-${word(random, 12)}`,
  (random) => `hooks.slack.com/services/${word(random, 12)}`,
  (random) => `hooks.slack.com\\/services\\/${word(random, 12)}`,
  (random) => `discord.com/api/v10/webhooks/1234567890123/${word(random, 24)}`,
  (random) => `12345678${10 + random.below(90)}:AA${word(random, 33)}`,
  (random) => `${random.pick([...'sr'])}k_${random.pick(['live', 'test'])}_${word(random, 20)}`,
  (random) => `npm_${word(random, 36)}`,
  (random) => `dckr_pat_${word(random, 22)}`,
  (random) => `shpat_${word(random, 32, HEX)}`,
  (random) => `do${random.pick([...'opr'])}_v1_${word(random, 64, HEX)}`,
  (random) => `hf_${word(random, 32)}`,
  (random) => `sk-${random.pick(['ant', 'proj', 'admin'])}-${word(random, 24)}`,
  (random) => `sk-${word(random, 44)}`,
  (random) => `eyJ${word(random, 12)}.eyJ${word(random, 12)}.${word(random, 10)}`,
  (random) => `${random.pick(['Bearer', 'BEARER'])} a1${word(random, 18)}`,
  (random) => `https://user:${word(random, 6)}@host/x`,
  (random) => `https:\\/\\/${word(random, 24)}@host`,
  () => 'x://:p@',
  () => 'redis://u:\u001b[31mpw@host',
  (random) => `eyJ-${word(random, 12)}.eyJ-aa.${word(random, 4)}`,
  (random) => `redis://a.b:${random.pick(['p@ss', 'x:y', 'é'])}@h`,
  (random) => `${random.pick(['', 'db_', 'X-'])}${random.pick(NAMES)}${random.pick(BETWEEN)}${random.pick(VALUES)}`,
  (random) => `--${random.pick(['db-', ''])}${random.pick(['password', 'token', 'api-key'])} hunter2`,
  (random) => `${random.pick([...'?&;'])}${random.pick(['sig', 'SIG'])}=${word(random, 12)}`,
  (random) => `\\u0026sig=${word(random, 9)}`,
  (random) => `?sig${random.pick(BETWEEN)}${word(random, 9)}`,
  (random) => JSON.stringify({ [random.pick(['db_pwd', 'dbPwd', 'api_key', 'password'])]: word(random, 9) }),
  (random) => `--kafka-consumer-ssl-truststore-password ${word(random, 9)}`,
  () => '-----BEGIN RSA PRIVATE KEY-----',
  () => '---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----',
  (random) => `\\n${keyLine(random)}\\n`,
  (random) => `x\\r\\n\\t${keyLine(random)}`,
  (random) => `\\n${keyLine(random).replaceAll('a', '\\/')} \\r\\n`,
  (random) => random.pick(CARDS.split(';')),
  (random) => `\\u00${random.pick(['a0', 'e9', '10', 'b7'])}${random.pick(CARDS.split(';'))}`,
  (random) => random.pick(EMAILS),
  (random) => Array.from({ length: 4 }, () => random.below(256)).join('.'),
  (random) => Array.from({ length: 8 }, () => group(random)).join(':'),
  (random) => random.pick(SHORT_IPS),
]

/** A line of a private key, with what programs and Windows put around it. */
export function loneKeyLine(random: Random): string {
  const blank = () => random.pick(['', '', '\r', '\t', ' ', '\u00a0', '\ufeff', '\f', '\\t', '\\r', ' '.repeat(90)])
  const line = random.below(3) === 0 ? `Ab0${word(random, 8 + 4 * random.below(9))}=` : keyLine(random)
  return `${blank()}${line}${blank()}`
}

/** A line with up to four secrets, as a text or in JSON, once or twice. */
export function secretLine(random: Random): string {
  let text = random.below(40) === 0 ? 'filler 12 '.repeat(90 + random.below(30)) : random.pick(PADDING)
  for (let left = 1 + random.below(4); left > 0; left -= 1) {
    const secret = random.below(3) > 0 ? random.pick(secrets)(random) : ''
    text += random.pick(GLUE) + secret + random.pick(GLUE)
  }
  if (random.below(3) === 0) text = JSON.stringify({ level: 'info', msg: text, n: random.below(1e9) })
  return random.below(6) === 0 ? JSON.stringify({ msg: text }).replaceAll('/', '\\/') : text
}

function word(random: Random, length: number, from = LETTERS): string {
  return Array.from({ length }, () => from[random.below(from.length)]).join('')
}

/** One that may stand alone: has letters of both cases and digits. */
function keyLine(random: Random): string {
  return `Ab0${word(random, random.pick([61, 67, 73]))}`
}

function group(random: Random): string {
  return random
    .below(65_536)
    .toString(16)
    .padStart(random.below(2) * 4, '0')
}
