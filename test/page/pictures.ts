/** Takes docs/page-light.png and docs/page-dark.png: `node test/page/pictures.ts`, after `npm run page`. */
import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { Tab } from './browser.ts'
import { demoContainers, demoEntry, demoLines } from './demo-node.ts'
import { FakeAgent } from './fake-agent.ts'
import { indexedPng } from './indexed-png.ts'
import { later } from './samples.ts'

const agent = await FakeAgent.start()
agent.containers = demoContainers
agent.sinks = [
  {
    name: 'loki',
    destination: 'https://loki.example/loki/api/v1/push',
    trouble: undefined,
    requestsInFlight: 1,
    mostRequests: 4,
    oldestSeconds: 0,
    acceptedEntries: 1_284_012,
    deadLetters: {},
    rejected: undefined,
  },
]
const tab = await Tab.open()
try {
  const { page } = tab
  // Two minutes of figures in some seconds.
  await page.addInitScript(() => {
    const { setTimeout } = window
    window.setTimeout = ((run: () => void, ms: number) => setTimeout(run, ms === 2000 ? 30 : ms)) as typeof setTimeout
    // Nor do bars of five minutes.
    const now = performance.now.bind(performance)
    performance.now = () => 60 * now()
    const { setInterval } = window
    window.setInterval = ((run: () => void, ms: number) => setInterval(run, ms / 60)) as typeof setInterval
    const { json } = Response.prototype
    let round = 0
    Response.prototype.json = async function () {
      const answer = await json.call(this)
      round += 1
      return { ...answer, time: new Date(round * 2000).toISOString() }
    }
  })
  let round = 0
  const writing = setInterval(() => {
    round += 1
    agent.containers = later(agent.containers, (index) => demoLines(index, round))
  }, 32)
  await page.goto(agent.url)
  let index = 0
  const speaking = setInterval(() => {
    index += 1
    // More at times, as everywhere.
    const count = 2 + Math.round(2 * Math.sin(index / 4))
    agent.write(...Array.from({ length: count }, (_, more) => demoEntry(3 * index + more)))
  }, 70)
  await sleep(5000)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await sleep(600)
    if (colorScheme === 'dark') {
      await page.locator('.entry.error .line').last().click()
      await sleep(200)
    }
    await writeFile(`docs/page-${colorScheme}.png`, indexedPng(await page.screenshot()))
  }
  clearInterval(writing)
  clearInterval(speaking)
} finally {
  await tab.close()
  await agent.close()
}
