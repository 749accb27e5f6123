import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { obstacleOf } from '../../src/source/obstacle.ts'
import { asNobody } from '../support/as-nobody.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

/** A log as the kubelet has it, and the link to it. */
function setUp(t: TestContext) {
  const root = temporaryDirectory(t)
  chmodSync(root, 0o755)
  const [pods, links] = [join(root, 'pods'), join(root, 'containers')]
  const folder = join(pods, 'shop_web_u1', 'app')
  mkdirSync(folder, { recursive: true })
  mkdirSync(links)
  const [file, link] = [join(folder, '0.log'), join(links, 'web_shop_app-1.log')]
  writeFileSync(file, 'x\n')
  symlinkSync(file, link)
  return { root, pods, folder, file, link }
}

test('nothing is in the way of a log that can be read', (t) => {
  assert.equal(obstacleOf(setUp(t).link), undefined)
})

test('a folder on the way that may not be entered is named, as a kubelet since 1.37 makes it', (t) => {
  const { pods, link } = setUp(t)
  for (const mode of process.getuid?.() === 0 ? [0o750, 0] : [0]) {
    chmodSync(pods, mode)
    const found = asNobody(() => obstacleOf(link))
    chmodSync(pods, 0o755)
    assert.deepEqual(found, { kind: 'denied', path: pods })
  }
})

test('a file that may not be read is named', (t) => {
  const { file, link } = setUp(t)
  chmodSync(file, 0)
  assert.deepEqual(
    asNobody(() => obstacleOf(link)),
    { kind: 'denied', path: file },
  )
})

test('a folder of pods that is not there is on another mount', (t) => {
  const { root, link } = setUp(t)
  rmSync(link)
  symlinkSync(join(root, 'elsewhere/shop_web_u1/app/0.log'), link)
  assert.deepEqual(obstacleOf(link), { kind: 'missing', path: join(root, 'elsewhere') })
})

test("a log that leads on into docker's folder, which is not there, is on another mount", (t) => {
  const { root, file, link } = setUp(t)
  const id = 'a'.repeat(64)
  rmSync(file)
  symlinkSync(join(root, 'docker/containers', id, `${id}-json.log`), file)
  assert.deepEqual(obstacleOf(link), { kind: 'missing', path: join(root, 'docker') })
  mkdirSync(join(root, 'docker/containers'), { recursive: true })
  assert.equal(obstacleOf(link), undefined, 'that container is gone')
})

test('a log whose pod was deleted has nothing in its way', (t) => {
  const { pods, folder, file, link } = setUp(t)
  for (const path of [file, folder, join(pods, 'shop_web_u1')]) {
    rmSync(path, { recursive: true })
    assert.equal(obstacleOf(link), undefined)
  }
})

test('links that lead to one another lead nowhere', (t) => {
  const { file } = setUp(t)
  rmSync(file)
  symlinkSync(file, file)
  assert.equal(obstacleOf(file), undefined)
})
