import { prepareBytes } from './bytes'
import { prepareEscapes } from './escape'
import { prepareCases } from './first-word'
import { prepareGrammar } from './grammar'
import { tellLine } from './group-states'
import { flushGroup, GROUPS, joinLines } from './groups'
import { flush, HELD, openWindow } from './held'
import { judge } from './judge'
import { levelInText } from './level'
import { levelInBracket } from './level-brackets'
import { takeMember } from './level-in-json'
import { levelOfWord } from './level-in-place'
import { levelOfLayout, levelOfSingleLetter } from './level-layouts'
import { afterNames } from './level-names'
import { addWord } from './level-words'
import { levelInPairs } from './logfmt'
import { numbersIn, SUSPECTS, triggersIn } from './mark-pairs'
import { hasCard, mayBeIp4, mayBeIp6 } from './numbers'
import { preparePairs } from './pairs'
import { copyPart, escapePieces, findSpan, GUARD, PROGRAM } from './program'
import { RECORD_IDS } from './record-id'
import { ROW_COUNT, ROWS, RUN, SETTINGS } from './row'
import { beginRows, finish, prepare, render, run, scanRows } from './run'
import { SCAN, scan, takeLine, takeMalformed } from './scan'
import { prepareSpecial } from './special'
import { markSuspects } from './suspects'
import { is, starts } from './text'
import { endOfTime } from './time'
import { triggerAt } from './triggers'
import { prepareMeanings } from './unescape'

// What is seldom called: an exported function is not put into the one that calls it, which would take V8 longer to compile than to run for a while.
export {
  addWord,
  afterNames,
  beginRows,
  copyPart,
  endOfTime,
  escapePieces,
  findSpan,
  finish,
  flush,
  flushGroup,
  GROUPS,
  GUARD,
  HELD,
  hasCard,
  is,
  joinLines,
  judge,
  levelInBracket,
  levelInPairs,
  levelInText,
  levelOfLayout,
  levelOfSingleLetter,
  levelOfWord,
  markSuspects,
  mayBeIp4,
  mayBeIp6,
  numbersIn,
  openWindow,
  PROGRAM,
  prepare,
  RECORD_IDS,
  ROW_COUNT,
  ROWS,
  RUN,
  render,
  run,
  SCAN,
  SETTINGS,
  SUSPECTS,
  scan,
  scanRows,
  starts,
  takeLine,
  takeMalformed,
  takeMember,
  tellLine,
  triggerAt,
  triggersIn,
}

/** The first address that is free. */
export const FREE: usize = __heap_base

prepareBytes()
prepareEscapes()
prepareMeanings()
prepareGrammar()
prepareSpecial()
preparePairs()
prepareCases()
