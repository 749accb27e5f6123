import type { Page } from 'playwright-core'

interface TraceEvent {
  name: string
  pid: number
  tid: number
  /** Microseconds of CPU. */
  tdur?: number
  args: { name?: string }
}

/**
 * Begins to watch the tasks of the page's main thread. What it gives ends that, and says how long the longest one was.
 * Milliseconds of CPU, and not of the clock: other programs on the machine make a task longer, but not dearer.
 */
export async function watchLongestTask(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page)
  const events: TraceEvent[] = []
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])))
  const traceConfig = { includedCategories: ['toplevel'], excludedCategories: ['*'] }
  await session.send('Tracing.start', { traceConfig, transferMode: 'ReportEvents' })
  return async () => {
    const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve))
    await session.send('Tracing.end')
    await complete
    await session.detach()
    return longestMs(events)
  }
}

/** A browser has several main threads: of this tab, and at times of one that is kept ready for the next. */
function longestMs(events: readonly TraceEvent[]): number {
  const id = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`
  const isName = ({ name, args }: TraceEvent) => name === 'thread_name' && args.name === 'CrRendererMain'
  const main = new Set(events.filter(isName).map(id))
  const tasks = events.filter((event) => event.tdur !== undefined && main.has(id(event)))
  if (tasks.length === 0) throw new Error('the trace has no task of the main thread')
  return Math.max(...tasks.map(({ tdur }) => tdur ?? 0)) / 1000
}
