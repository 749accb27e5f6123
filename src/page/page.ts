import { Announcer } from './announcer.ts'
import { copyText } from './clipboard.ts'
import { ContainerTable } from './container-table.ts'
import { find, setText } from './element.ts'
import type { EntryActions } from './entry-details.ts'
import { filterFrom, withRequirement } from './filter.ts'
import { FilterForm } from './filter-form.ts'
import { Overview } from './overview.ts'
import { pollContainers } from './poll.ts'
import { Rates } from './rates.ts'
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

find('clear', HTMLButtonElement).addEventListener('click', () => tail.clear())
find('skip', HTMLButtonElement).addEventListener('click', () => find('tail', HTMLElement).focus())
find('copy-link', HTMLButtonElement).addEventListener('click', ({ currentTarget }) => {
  void copyText(location.href).then((isCopied) => {
    const text = isCopied ? 'Link copied' : 'Copy it from the address bar'
    announcer.say(text)
    if (currentTarget instanceof Element) setText(currentTarget, text)
    setTimeout(() => setText(find('copy-link', HTMLElement), 'Copy link'), 2000)
  })
})
addEventListener('popstate', () => form.set(filterFrom(location.search)))

form.set(filterFrom(location.search))
void pollContainers(
  async (answer) => {
    rates.update(answer)
    overview.show(answer, rates)
    sinks.show(answer.sinks, Date.parse(answer.time))
    setText(health, answer.warnings.join(' '))
    await table.show(answer, rates)
  },
  (reason) => setText(health, `The agent does not respond (${reason}); the values are old`),
).catch((error: unknown) => {
  setText(health, `Stopped by an error in this page: ${error}`)
  reportError(error)
})
