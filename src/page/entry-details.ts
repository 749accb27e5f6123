import { terminalText } from '../view/terminal-text.ts'
import { copyText } from './clipboard.ts'
import { button, element } from './element.ts'
import type { FilterKey } from './filter.ts'
import { exactText } from './quantity.ts'
import type { ShownEntry } from './shown-entry.ts'

/** The filters that an opened entry offers. */
export interface EntryActions {
  /** Restricts the tail to entries with this label or annotation. */
  requireValue(kind: 'labels' | 'annotations', required: { readonly key: string; readonly value: string }): void
  /** Restricts the tail to these names, and removes all other filters. */
  requireNames(names: Partial<Record<FilterKey, string>>): void
  say(text: string): void
}

/** Characters of a line to show; a megabyte of text would freeze the page. */
const SHOWN_CHARACTERS = 65_536

const NAMES: Readonly<Record<string, string>> = {
  podIP: 'Pod IP',
  uid: 'Pod UID',
  containerID: 'Container ID',
  containerKind: 'Kind of container',
  restartCount: 'Restarts',
  originalBytes: 'Bytes of the line',
  lines: 'Lines',
  namespaceLabels: 'Labels of the namespace',
  nodeLabels: 'Labels of the node',
  annotationsOmitted: 'Annotations omitted',
}

/** All fields of an entry, to be shown below its line. */
export function entryDetails(entry: ShownEntry, actions: EntryActions): HTMLElement {
  return element(
    'div',
    { class: 'details' },
    element('pre', { class: 'whole' }, element('bdi', { text: wholeText(entry.text) })),
    element('div', { class: 'actions' }, ...buttons(entry, actions)),
    element(
      'div',
      { class: 'columns' },
      group('Entry', facts(entry)),
      group('Labels', required('labels', { values: entry.labels, ...actions })),
      group('Annotations', required('annotations', { values: entry.annotations, ...actions })),
    ),
  )
}

function wholeText(text: string): string {
  const shown = text.slice(0, SHOWN_CHARACTERS).split('\n').map(terminalText).join('\n')
  const rest = text.length - SHOWN_CHARACTERS
  return rest > 0 ? `${shown}\n… ${exactText(rest)} more characters: copy the entry to see them` : shown
}

function buttons({ json, namespace, pod, container }: ShownEntry, actions: EntryActions): HTMLElement[] {
  const copy = button('Copy as JSON', {
    onClick: () =>
      void copyText(json).then((isCopied) => {
        copy.textContent = isCopied ? 'Copied' : 'Not allowed by the browser'
        actions.say(copy.textContent)
        setTimeout(() => {
          copy.textContent = 'Copy as JSON'
        }, 2000)
      }),
  })
  return [
    copy,
    button('Only this pod', { onClick: () => actions.requireNames({ namespace, pod }) }),
    button('Only this container', { onClick: () => actions.requireNames({ namespace, pod, container }) }),
  ]
}

function facts(entry: ShownEntry): HTMLElement[] {
  const { time, stream, level = 'unknown', namespace, pod, container } = entry
  const own = { Time: time, Stream: stream, Level: level, Namespace: namespace, Pod: pod, Container: container }
  const others = Array.from(entry.metadata, ([name, value]) => [NAMES[name] ?? capitalized(name), value] as const)
  return [...Object.entries(own), ...others].map(([name, value]) => fact(name, value))
}

function required(
  kind: 'labels' | 'annotations',
  { values, requireValue }: { readonly values: Readonly<Record<string, string>> } & Pick<EntryActions, 'requireValue'>,
): HTMLElement[] {
  return Object.entries(values).map(([key, value]) => {
    const name = `Only entries with ${kind === 'labels' ? 'label' : 'annotation'} ${key}`
    const parts = { class: 'quiet', attributes: { 'aria-label': name, title: name } }
    return fact(key, value, button('only', { ...parts, onClick: () => requireValue(kind, { key, value }) }))
  })
}

function fact(name: string, value: string, ...more: HTMLElement[]): HTMLElement {
  return element(
    'div',
    {},
    element('dt', {}, element('bdi', { text: terminalText(name) })),
    element('dd', {}, element('bdi', { text: terminalText(value) }), ...more),
  )
}

function group(title: string, rows: readonly HTMLElement[]): HTMLElement {
  const content = rows.length === 0 ? element('p', { text: 'none' }) : element('dl', {}, ...rows)
  return element('section', {}, element('h4', { text: title }), content)
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
