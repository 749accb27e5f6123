import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { waitUntil } from '../support/wait-until.ts'
import { watchLongestTask } from './longest-task.ts'
import { describePage } from './page-under-test.ts'
import { later, testContainer } from './samples.ts'

const names = Array.from({ length: 500 }, (_, index) => `pod-${String(index).padStart(3, '0')}`)

describePage('the containers of the live page', (live) => {
  beforeEach(() => live.open())
  const row = (pod: string) => live.page.locator('#container-rows tr', { hasText: pod })
  const pods = () => live.page.locator('#container-rows tr:not([hidden]) th > :nth-child(2)').allTextContents()

  test('tell state, rule, fault, lag and metadata', async () => {
    live.agent.containers = [
      testContainer('a', { lagBytes: 3 * 1024 * 1024, lagSeconds: 12, metadata: 'path-only' }),
      testContainer('b', { state: 'exclude', rule: 'select.namespaces.exclude: shop', counters: undefined }),
      testContainer('c', { fault: 'EACCES: permission denied' }),
      testContainer('d', { state: 'wait', rule: 'its pod is not known' }),
    ]
    await row('its pod is not known').waitFor()
    assert.match(await row(' app').nth(0).innerText(), /read[\s\S]*shop \/ a app[\s\S]*3 MiB, 12 s[\s\S]*path only/)
    assert.match(await row(' app').nth(1).innerText(), /excluded[\s\S]*select\.namespaces\.exclude: shop/)
    assert.match(await row(' app').nth(2).innerText(), /fault[\s\S]*EACCES: permission denied/)
    assert.match(await row(' app').nth(3).innerText(), /waiting[\s\S]*its pod is not known/)
    assert.equal(await live.text('#count-note'), '2 read, 1 excluded, 1 waiting, 1 with a fault')
    assert.deepEqual(live.complaints, [])
  })

  test('stand under what is wrong with the node, while it is', async () => {
    live.agent.warnings = ['No log belongs to node-1.', 'POD_NAME is wrong.']
    await waitUntil('it is told', async () => (await live.text('#health')) === live.agent.warnings.join(' '))
    live.agent.warnings = []
    await waitUntil('it is over', async () => (await live.text('#health')) === '')
  })

  test('are followed at 500: rates, charts of those in sight alone, search, order', async () => {
    live.agent.containers = names.map((name) => testContainer(name))
    const writing = setInterval(() => {
      live.agent.containers = later(live.agent.containers, (index) => index)
    }, 200)
    try {
      await waitUntil('rates are there', async () => /[1-9]/.test(await live.text('#lines')))
      assert.equal(await live.page.locator('#container-rows tr').count(), 500)
      const charts = await live.page.locator('#container-rows canvas').count()
      assert.ok(charts > 0 && charts < 40, `${charts} charts`)
      await live.page.click('th[data-order="lines"] button')
      assert.equal((await pods())[0], 'pod-499')
      assert.equal(await live.page.getAttribute('th[data-order="lines"]', 'aria-sort'), 'descending')
      await live.page.fill('#search', 'pod-12')
      assert.deepEqual((await pods()).toSorted(), names.slice(120, 130))
      assert.equal(await live.text('#containers-note'), '10 of 500')
    } finally {
      clearInterval(writing)
    }
    live.agent.containers = live.agent.containers.slice(0, 3)
    await waitUntil('the others have gone', async () => (await live.page.locator('#container-rows tr').count()) === 3)
    assert.deepEqual(live.complaints, [])
  })

  test('are updated at 500 without a long task', async () => {
    const longestTask = await watchLongestTask(live.page)
    live.agent.containers = names.map((name) => testContainer(name))
    let answers = 0
    live.page.on('response', (response) => {
      if (response.url().endsWith('/api/containers')) answers += 1
      live.agent.containers = later(live.agent.containers, (index) => index * answers)
    })
    await waitUntil('four updates', () => answers >= 4, 20_000)
    const ms = await longestTask()
    assert.ok(ms < 200, `${ms} ms of CPU`)
  })

  test('lead to their tail', async () => {
    live.agent.containers = [testContainer('web-1'), testContainer('web-2')]
    await live.page.getByRole('button', { name: 'Tail app of web-2' }).click()
    assert.equal(await live.page.inputValue('#filter-pod'), 'web-2')
    assert.equal(new URL(live.page.url()).search, '?namespace=shop&pod=web-2&container=app')
  })
})
