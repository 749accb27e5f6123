import assert from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { freePort } from '../../src/simulation/free-port.ts'
import type { PodSpec } from '../../src/simulation/pod-object.ts'
import { TestNode } from '../support/test-node.ts'
import { waitUntil } from '../support/wait-until.ts'
import { closeSharedTab, sharedTab, skipReason } from './browser.ts'

after(closeSharedTab)

const web: PodSpec = {
  name: 'web-1',
  namespace: 'shop',
  labels: { app: 'web' },
  annotations: { team: 'payments' },
  containers: [{ name: 'app', image: 'shop/web:1' }],
}

test('the page that the agent serves shows what matches, and the containers of the node', {
  skip: skipReason ?? false,
}, async (t: TestContext) => {
  const port = await freePort()
  const node = await TestNode.start(t, { config: { api: { port } } })
  const [pod, other] = [
    node.kubelet.startPod(web),
    node.kubelet.startPod({ ...web, name: 'api-1', labels: { app: 'api' } }),
  ]
  await node.startAgent()
  pod.container().write('stdout', 'before')
  await node.entry('before')
  const tab = await sharedTab()
  t.after(() => tab.leave())
  await tab.goTo(`http://127.0.0.1:${port}/?labels=app%3Dweb`)
  const { page, complaints } = tab
  const status = () => page.locator('#tail-status').textContent()
  await waitUntil('it follows', async () => ((await status()) ?? '').startsWith('Live'))
  other.container().write('stdout', 'of another pod')
  pod.container().write('stdout', '<script>window.hasRun=true</script>')
  await waitUntil('it shows the line', async () => (await page.locator('.entry .text').count()) === 1)
  assert.deepEqual(await page.locator('.entry .text').allTextContents(), ['<script>window.hasRun=true</script>'])
  await waitUntil('both containers', async () => (await page.locator('#container-rows tr').count()) === 2)
  assert.deepEqual(complaints, [])
})
