import type { Finding } from './finding.ts'

const BEGIN = /-{4,5} ?BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}/g
const END = /-{4,5} ?END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}/g
/** What a key's block may have, where its end is missing. */
const CONTENT = /(?:(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset): ?[^\n]*|[A-Za-z0-9+/=\s]|\\[nrt])*/y
/** Of any block, such as a certificate's. */
const BOUNDARY = /^-{4,5} ?(BEGIN|END) /
/** Characters of the shortest line that is taken for one of a key. */
const LEAST_LENGTH = 12
/** Characters of a whole line: OpenSSL's (RFC 7468), OpenSSH's, MIME's. */
const WHOLE = new Set([64, 70, 76])

/** Private keys in PEM: whole blocks, and lines that look like a part of one. */
export function findPrivateKeys(text: string): Finding[] {
  return text.length < LEAST_LENGTH ? [] : [...blocksIn(text), ...linesIn(text)]
}

function blocksIn(text: string): Finding[] {
  const found: Finding[] = []
  BEGIN.lastIndex = 0
  let mayEnd = true
  for (let begin = BEGIN.exec(text); begin !== null; begin = BEGIN.exec(text)) {
    END.lastIndex = BEGIN.lastIndex
    mayEnd &&= END.test(text) // once there is none, there is none behind it
    let end = END.lastIndex
    if (!mayEnd) {
      CONTENT.lastIndex = BEGIN.lastIndex
      end = BEGIN.lastIndex + (CONTENT.exec(text)?.[0].trimEnd().length ?? 0)
    }
    found.push({ start: begin.index, end })
    BEGIN.lastIndex = end
  }
  return found
}

/**
 * Lines of a block whose beginning is in another record, as lines are not joined or a record was cut. Each line is recognised by itself, so
 * a restart within a key changes nothing. Certificates, if they are whole, are left alone.
 */
function linesIn(text: string): Finding[] {
  const found: Finding[] = []
  let isOfBlock = false
  let isBehindOne = false
  let start = 0
  for (const line of text.split('\n')) {
    const word = line.trim()
    const boundary = BOUNDARY.exec(word)
    if (boundary !== null) isOfBlock = boundary[1] === 'BEGIN'
    const isKey: boolean = !isOfBlock && boundary === null && isOfKey(word, isBehindOne)
    const at = start + line.indexOf(word)
    if (isKey) found.push({ start: at, end: at + word.length })
    isBehindOne = isKey
    start += line.length + 1
  }
  return found
}

function isOfKey(word: string, isBehindOne: boolean): boolean {
  if (word.length > 76 || !/^[A-Za-z0-9+/]+={0,2}$/.test(word)) return false
  const isMixed = /[a-z]/.test(word) && /[A-Z]/.test(word) && /\d/.test(word)
  if (WHOLE.has(word.length)) return isMixed
  if (word.length % 4 !== 0) return false
  return isBehindOne || (isMixed && word.length >= LEAST_LENGTH && word.endsWith('='))
}
