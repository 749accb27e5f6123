import { Announcer } from './announcer.ts'
import { copyText } from './clipboard.ts'
import { ContainerTable } from './container-table.ts'
import { download, downloadName } from './download.ts'
import { find, findField, setText } from './element.ts'
import type { EntryActions } from './entry-details.ts'
import { filterFrom, withRequirement } from './filter.ts'
import { FilterForm } from './filter-form.ts'
import { LevelChart } from './level-chart.ts'
import { Overview } from './overview.ts'
import { pollContainers } from './poll.ts'
import { Rates } from './rates.ts'
import { Shortcuts } from './shortcuts.ts'
import { SinkList } from './sink-list.ts'
import { TailView } from './tail-view.ts'

// The live page: creates its parts and connects them.

const announcer = new Announcer(find('announcer', HTMLElement))
const entries = find('entries', HTMLElement)
const fault = find('fault', HTMLElement)

const form = new FilterForm(find('filter', HTMLFormElement), (filter) => tail.follow(filter))

const actions: EntryActions = {
  requireValue: (kind, required) => form.set({ ...form.filter, [kind]: withRequirement(form.filter[kind], required) }),
  requireNames: (names) => form.set(names),
  say: (text) => announcer.say(text),
}

const levels = new LevelChart({
  chart: find('levels-chart', HTMLElement),
  legend: find('levels', HTMLElement),
  onLevel: (minLevel) => form.set({ ...form.filter, minLevel }),
})

const tail = new TailView({
  list: entries,
  pauseButton: find('pause', HTMLButtonElement),
  status: find('tail-status', HTMLElement),
  announcer,
  actions,
  onRefusal: (reason) => {
    setText(fault, reason)
    fault.hidden = reason === ''
    form.markFault(reason)
  },
  onCounts: (counts) => levels.show(counts),
})

const table = new ContainerTable({
  table: find('containers', HTMLTableElement),
  body: find('container-rows', HTMLTableSectionElement),
  search: find('search', HTMLInputElement),
  note: find('containers-note', HTMLElement),
  onTail: ({ namespace, pod, container }) => form.set({ namespace, pod, container }),
})

const rates = new Rates()
const overview = new Overview()
const sinks = new SinkList(find('sinks', HTMLElement))
const health = find('health', HTMLElement)

const clear = find('clear', HTMLButtonElement)
const copyLink = find('copy-link', HTMLButtonElement)
const save = find('download', HTMLButtonElement)

clear.addEventListener('click', () => tail.clear())
save.addEventListener('click', () => {
  const { shown } = tail
  download(downloadName(find('node', HTMLElement).textContent ?? '', new Date()), shown)
  announcer.say(`${shown.length} entries downloaded`)
})
find('skip', HTMLButtonElement).addEventListener('click', () => find('tail', HTMLElement).focus())
copyLink.addEventListener('click', () => {
  void copyText(location.href).then((isCopied) => {
    const text = isCopied ? 'Link copied' : 'Copy it from the address bar'
    announcer.say(text)
    setText(copyLink, text)
    setTimeout(() => setText(copyLink, 'Copy link'), 2000)
  })
})
const shortcuts = new Shortcuts(find('help', HTMLDialogElement), [
  { key: '/', text: 'filter by text', run: () => showFilter('filter-grep') },
  { key: 'l', text: 'filter by label', run: () => showFilter('filter-labels') },
  { key: 'p', text: 'pause, or go on', run: () => tail.togglePause() },
  { key: 'c', text: 'clear the list', run: () => clear.click() },
  { key: 'd', text: 'download what is shown', run: () => save.click() },
  { key: 'y', text: 'copy the link', run: () => copyLink.click() },
])
find('keys', HTMLButtonElement).addEventListener('click', () => shortcuts.showHelp())

const filters = find('filters', HTMLDetailsElement)
// On a phone the fields would fill the screen.
filters.open = matchMedia('(min-width: 601px)').matches || location.search !== ''

function showFilter(id: string): void {
  filters.open = true
  findField(id).focus()
}

addEventListener('popstate', () => form.set(filterFrom(location.search)))

form.set(filterFrom(location.search))
void pollContainers(
  async (answer) => {
    rates.update(answer)
    overview.show(answer, rates)
    const bytes = answer.containers.reduce((sum, { lagBytes }) => sum + lagBytes, 0)
    const seconds = Math.max(0, ...answer.containers.map(({ lagSeconds }) => lagSeconds))
    sinks.show(answer.sinks, Date.parse(answer.time), { bytes, seconds })
    setText(health, answer.warnings.join(' '))
    await table.show(answer, rates)
  },
  (reason) => setText(health, `The agent does not respond (${reason}); the values are old`),
).catch((error: unknown) => {
  setText(health, `Stopped by an error in this page: ${error}`)
  reportError(error)
})
