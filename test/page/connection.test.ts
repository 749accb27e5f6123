import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { waitUntil } from '../support/wait-until.ts'
import { FakeAgent } from './fake-agent.ts'
import { describePage } from './page-under-test.ts'
import { testContainer, testEntry } from './samples.ts'

describePage('the connection of the live page', (live) => {
  beforeEach(() => live.open())

  test('is taken up again when the agent is back, and the page says what was missed', async () => {
    live.agent.containers = [testContainer('web-1')]
    live.agent.write(testEntry('before'))
    await live.shows('before')
    const { port } = live.agent
    await live.agent.close()
    await waitUntil('it is told', async () => (await live.text('#tail-status')).startsWith('Disconnected'))
    await waitUntil('of the figures too', async () => (await live.text('#health')).includes('values are old'))
    live.agent = await FakeAgent.start(port)
    await live.follows()
    live.agent.write(testEntry('behind'))
    await live.shows('before', 'behind')
    assert.equal(await live.text('.gap'), 'Entries are missing while the agent could not be reached')
    await waitUntil('all is well', async () => (await live.text('#health')) === '')
  })
})
