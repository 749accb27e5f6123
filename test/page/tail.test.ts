import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { beforeEach, test } from 'node:test'
import { waitUntil } from '../support/wait-until.ts'
import { describePage } from './page-under-test.ts'
import { testEntry } from './samples.ts'

describePage('the tail of the live page', (live) => {
  beforeEach(() => live.open())

  test('filters by label', async () => {
    await live.filterBy('labels', 'app in (web,api)')
    live.agent.write(testEntry('of web'), testEntry('of batch', { app: 'batch' }), testEntry('of api', { app: 'api' }))
    await live.shows('of web', 'of api')
    assert.deepEqual(live.complaints, [])
  })

  test('filters by annotation, namespace and text at once, and marks the text', async () => {
    await live.filterBy('annotations', 'team=payments')
    await live.filterBy('namespace', 'sh*')
    await live.filterBy('grep', 'timeout')
    const payments = { team: 'payments' }
    live.agent.write(testEntry('timeout'), testEntry('a timeout here', payments), testEntry('all well', payments))
    await live.shows('a timeout here')
    assert.deepEqual(await live.page.locator('mark').allTextContents(), ['timeout'])
    assert.deepEqual(live.complaints, [])
  })

  test('filters by level, shown in a colour of its own, and keeps that in the address', async () => {
    const request = live.page.waitForRequest((sent) => sent.url().includes('/api/tail?minLevel=warn'))
    await live.page.selectOption('#filter-minLevel', 'warn')
    await (await request).response()
    await live.follows()
    assert.equal(await live.page.evaluate(() => location.search), '?minLevel=warn')
    for (const level of ['debug', 'info', 'warn', 'error', 'fatal'])
      live.agent.write({ ...testEntry(level), level } as ReturnType<typeof testEntry>)
    live.agent.write(testEntry('says nothing'))
    await live.shows('warn', 'error', 'fatal', 'says nothing')
    const colors = await live.page.locator('.level').evaluateAll((all) => all.map((one) => getComputedStyle(one).color))
    assert.equal(new Set(colors).size, 4)
    await live.page.click('button[type=reset]')
    assert.equal(await live.page.inputValue('#filter-minLevel'), '')
  })

  test('tells why the agent refuses a selector, at the field, and recovers', async () => {
    await live.page.fill('#filter-labels', 'app in (web')
    await live.page.keyboard.press('Enter')
    await live.page.locator('#fault:not([hidden])').waitFor()
    assert.match((await live.page.locator('#fault').textContent()) ?? '', /^labels: expected .* at character 12/)
    assert.equal(await live.page.locator('#filter-labels').getAttribute('aria-invalid'), 'true')
    assert.match((await live.page.locator('#tail-status').textContent()) ?? '', /invalid filter/)
    await live.filterBy('labels', 'app=web')
    assert.equal(await live.page.locator('#fault').isVisible(), false)
    assert.equal(await live.page.locator('#filter-labels').getAttribute('aria-invalid'), 'false')
  })

  test('keeps the filter in the address, and restores it from there and over back and forward', async () => {
    await live.filterBy('labels', 'app=web')
    await live.filterBy('grep', 'a & b')
    await live.page.click('#copy-link')
    const link = await live.page.evaluate(() => navigator.clipboard.readText())
    assert.equal(link, `${live.agent.url}?labels=app%3Dweb&grep=a+%26+b`)
    await live.page.goBack()
    await waitUntil('back', async () => (await live.page.inputValue('#filter-grep')) === '')
    assert.equal(await live.page.inputValue('#filter-labels'), 'app=web')
    await live.close()
    await live.open(new URL(link).search)
    assert.equal(await live.page.inputValue('#filter-labels'), 'app=web')
    assert.equal(await live.page.inputValue('#filter-grep'), 'a & b')
    live.agent.write(testEntry('a & b'), testEntry('a and b'), testEntry('a & b', { app: 'api' }))
    await live.shows('a & b')
  })

  test('pauses: what comes meanwhile is counted, and shown when it goes on', async () => {
    live.agent.write(testEntry('one'))
    await live.shows('one')
    await live.page.click('#pause')
    live.agent.write(testEntry('two'), testEntry('three'))
    const status = live.page.locator('#tail-status')
    await waitUntil('they are counted', async () => (await status.textContent()) === 'Paused: 2 entries since')
    assert.deepEqual(await live.texts(), ['one'])
    await live.page.click('#pause')
    await live.shows('one', 'two', 'three')
  })

  test('tells how many entries a long pause has left out, and shows the newest', async () => {
    await live.page.click('#pause')
    live.agent.write(...Array.from({ length: 1000 }, (_, index) => testEntry(`line ${index}`)))
    await waitUntil('they are counted', async () =>
      ((await live.page.locator('#tail-status').textContent()) ?? '').includes('1,000'),
    )
    await live.page.click('#pause')
    await waitUntil('the newest is there', async () => (await live.texts()).at(-1) === 'line 999')
    assert.equal(await live.page.locator('.gap').first().textContent(), '701 entries dropped during the pause')
    assert.equal((await live.texts()).length, 299)
  })

  test('pauses while one reads further up, and goes on at the end', async () => {
    const lines = Array.from({ length: 100 }, (_, index) => `line ${index}`)
    live.agent.write(...lines.map((line) => testEntry(line)))
    await live.shows(...lines)
    await live.page.hover('#entries')
    await live.page.mouse.wheel(0, -400)
    await waitUntil('it pauses', async () => (await live.text('#pause')) === 'Resume')
    live.agent.write(testEntry('later'))
    await waitUntil('it is counted', async () => (await live.text('#tail-status')) === 'Paused: 1 entry since')
    await live.page.mouse.wheel(0, 4000)
    await live.shows(...lines, 'later')
    assert.equal(await live.text('#pause'), 'Pause')
  })

  test('opens an entry: all its metadata, the pod and its values as filters, a copy as it was written', async () => {
    const entry = testEntry('{"level":"warn","msg":"slow"}', { stream: 'stderr', annotations: { note: 'a, b' } })
    live.agent.write(entry)
    await live.page.locator('.line').click()
    const details = await live.page.locator('.details').innerText()
    for (const value of [
      'stderr',
      'warn',
      'node-1',
      '10.0.0.12',
      'registry.example/shop/web:1.2.3',
      'Deployment web',
      '9b1f0c2d',
      'a, b',
      '7c5d9f',
    ])
      assert.ok(details.includes(value), value)
    assert.equal(await live.page.textContent('#pause'), 'Resume')
    await live.page.getByRole('button', { name: 'Copy as JSON' }).click()
    await live.page.getByRole('button', { name: 'Copied' }).waitFor()
    assert.equal(await live.page.evaluate(() => navigator.clipboard.readText()), JSON.stringify(entry))
    await live.page.getByRole('button', { name: 'Only entries with annotation note' }).click()
    assert.equal(await live.page.inputValue('#filter-annotations'), 'note="a, b"')
    await live.follows()
    assert.equal(await live.page.textContent('#pause'), 'Pause')
    assert.deepEqual(live.complaints, [])
  })

  test('shows the first line of several and how many follow, and all of them when it is opened', async () => {
    const trace = 'java.lang.Error: it broke\n\tat a.B.c(B.java:1)\n\tat a.B.d(B.java:2)\n'
    live.agent.write(testEntry(trace, { level: 'error' }), testEntry('two\r\nlines'), testEntry('one'))
    await live.shows('java.lang.Error: it broke', 'two', 'one')
    assert.deepEqual(await live.page.locator('.more').allTextContents(), ['+2 lines', '+1 line'])
    await live.page.locator('.line').first().click()
    assert.equal(await live.text('.whole'), trace)
    await live.filterBy('grep', 'B.java:2')
    live.agent.write(testEntry(trace))
    await live.shows('java.lang.Error: it broke')
    assert.equal(await live.text('.more'), '+2 lines, found there')
  })

  test('downloads what is shown, as the agent sent it', async () => {
    await waitUntil('the node is known', async () => (await live.text('#node')) === 'node-1')
    const entries = [testEntry('one'), testEntry('two\nlines'), testEntry('ü <b>')]
    live.agent.write(...entries)
    await live.shows('one', 'two', 'ü <b>')
    const [file] = await Promise.all([live.page.waitForEvent('download'), live.page.click('#download')])
    assert.match(file.suggestedFilename(), /^loggy-node-1-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.ndjson$/)
    const text = await readFile(await file.path(), 'utf8')
    assert.equal(text, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
    assert.deepEqual(live.complaints, [])
  })

  test('says what leaves out everything that is asked for', async () => {
    const empty = () => live.page.locator('#entries').getAttribute('data-empty')
    assert.match((await empty()) ?? '', /^Nothing yet/)
    live.agent.send(
      'event: selection\ndata: {"containers":2,"excluded":{"select.namespaces.exclude: kube-system":2}}\n\n',
    )
    await waitUntil('it is told', async () =>
      ((await empty()) ?? '').startsWith(
        'All 2 containers that match are left out by select.namespaces.exclude: kube-system.',
      ),
    )
    live.agent.send('event: selection\ndata: {"containers":0,"excluded":{}}\n\n')
    await waitUntil('it is told', async () => ((await empty()) ?? '').startsWith('No container matches now.'))
  })

  test('tells what the agent left out, and joins what follows each other', async () => {
    live.agent.write(testEntry('before'))
    live.agent.send('event: dropped\ndata: {"entries":1200}\n\nevent: dropped\ndata: {"entries":34}\n\n')
    live.agent.write(testEntry('behind'))
    await live.shows('before', 'behind')
    const gaps = await live.page.locator('.gap').allTextContents()
    assert.deepEqual(gaps, ['1,234 entries dropped by the agent: too many at once'])
  })

  test('marks severity and stderr, and gives a pod one colour', async () => {
    live.agent.write(
      testEntry('it broke', { stream: 'stderr', level: 'error' }),
      testEntry('careful', { level: 'warn' }),
      testEntry('nothing said', { app: 'other' }),
    )
    await waitUntil('three entries', async () => (await live.texts()).length === 3)
    assert.deepEqual(await live.page.locator('.level').allTextContents(), ['error', 'warn', ''])
    assert.equal(await live.page.locator('.stderr').count(), 1)
    const colors = await live.page
      .locator('.origin > :first-child')
      .evaluateAll((pods) => pods.map((pod) => getComputedStyle(pod).color))
    assert.equal(colors[0], colors[1])
    assert.notEqual(colors[0], colors[2])
  })
})
