import { nameHash } from '../lib/name-hash.ts'
import { terminalText } from '../view/terminal-text.ts'
import { element } from './element.ts'
import type { Gap } from './entry-queue.ts'
import { exactText } from './quantity.ts'
import type { ShownEntry } from './shown-entry.ts'

/** Number of colours in colors.css. */
export const POD_COLORS = 12
/** Characters of a pod's name to show; the full name is in the tooltip and in the details. */
const SHOWN_NAME = 26
/** Characters of a line: more than the widest screen shows. The full text is in the details. */
const SHOWN_CHARACTERS = 600

const ITEM = { role: 'listitem' }

/** A pod always has the same colour, in every browser. */
export function podClass(namespace: string, pod: string): string {
  return `pod-${nameHash(`${namespace}/${pod}`) % POD_COLORS}`
}

/** A list item with a button that shows the entry in one line; matches of `grep` are marked. */
export function entryRow(entry: ShownEntry, grep: string | undefined): HTMLElement {
  const { time, stream, level, namespace, pod, container } = entry
  const [first = '', ...others] = entry.text.replace(/\r?\n$/, '').split(/\r?\n/)
  const line = element(
    'div',
    { class: 'line', attributes: { role: 'button', tabindex: '-1', 'aria-expanded': 'false' } },
    element('time', { text: time.slice(11, 23), attributes: { title: time } }),
    element('span', { class: `level ${level ?? 'none'}`, text: level ?? '' }),
    element(
      'span',
      { class: 'origin', attributes: { title: `${namespace}/${pod}/${container}` } },
      element('bdi', { class: podClass(namespace, pod), text: terminalText(shortened(pod)) }),
      element('bdi', { class: 'container', text: ` ${terminalText(container)}` }),
    ),
    ...(stream === 'stderr' ? [element('span', { class: 'stderr', text: 'stderr' })] : []),
    marked(terminalText(first.slice(0, SHOWN_CHARACTERS)), grep),
    ...(others.length > 0 ? [element('span', { class: 'more', text: moreText(others, grep) })] : []),
  )
  return element('div', { class: `entry ${level ?? 'none'}`, attributes: ITEM }, line)
}

/** What a line of an entry with several has behind it; the whole text is in the details. */
function moreText(others: readonly string[], grep: string | undefined): string {
  const count = others.length === 1 ? '+1 line' : `+${exactText(others.length)} lines`
  return grep && others.some((line) => line.includes(grep)) ? `${count}, found there` : count
}

/** Keeps the end, which distinguishes the pods of a Deployment. Not done in CSS, where each row would add a clip to paint per frame. */
function shortened(name: string): string {
  return name.length <= SHOWN_NAME ? name : `${name.slice(0, SHOWN_NAME - 7)}…${name.slice(-6)}`
}

/** Log text is isolated, so that its writing direction does not affect the text around it. */
function marked(text: string, grep: string | undefined): HTMLElement {
  if (!grep || !text.includes(grep)) return element('bdi', { class: 'text', text })
  const shown = element('bdi', { class: 'text' })
  text.split(grep).forEach((part, index) => {
    if (index > 0) shown.append(element('mark', { text: grep }))
    shown.append(part)
  })
  return shown
}

const REASONS: Readonly<Record<Gap['reason'], string>> = {
  agent: 'dropped by the agent: too many at once',
  pause: 'dropped during the pause',
  connection: 'while the agent could not be reached',
}

/** A list item in place of missing entries. */
export function gapRow(gap: Gap): HTMLElement {
  return element('div', { class: 'gap', text: gapText(gap), attributes: ITEM })
}

export function gapText({ reason, entries }: Gap): string {
  const count =
    entries === undefined ? 'Entries are missing' : `${exactText(entries)} ${entries === 1 ? 'entry' : 'entries'}`
  return `${count} ${REASONS[reason]}`
}
