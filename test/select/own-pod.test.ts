import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { Chunk } from '../../src/model/chunk.ts'
import type { ContainerRef } from '../../src/model/container-ref.ts'
import { OwnPod, type OwnPodOptions } from '../../src/select/own-pod.ts'
import { RecordingLog } from '../kube/support.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const instance = '5d6f2f0e-0b0e-4f8a-9a39-3f9b6f1b7a10'
const line = `{"time":"t","level":"info","message":"started","instance":"${instance}"}`
const time = '2026-11-22T07:00:00.123456789Z'
const ref = (pod: string, uid: string | undefined = `uid-of-${pod}`): ContainerRef => {
  return { namespace: 'loggy', pod, container: 'app', uid, restartCount: 0, containerID: undefined }
}

function setUp(options: Partial<OwnPodOptions> = {}) {
  const log = new RecordingLog()
  const self = new OwnPod({ namespace: undefined, pod: undefined, uid: undefined, instance, log, ...options })
  return { self, log }
}

const chunkOf = (text: string, { path = '', offset = 0 } = {}): Chunk => {
  return { file: { path }, bytes: Buffer.from(text), offset, isFinal: false }
}

const named = { namespace: 'loggy', pod: 'me' }
const known = { uid: 'uid-of-me' }

describe("the agent's own pod", () => {
  test('is known by the uid that the kernel tells, whatever it is called', () => {
    const { self, log } = setUp(known)
    assert.deepEqual([self.owns(ref('me')), self.owns(ref('other')), self.knownBy], [true, false, 'uid'])
    assert.deepEqual(log.entries, [])
  })

  test('is known by its name where there is no uid', () => {
    const { self } = setUp(named)
    assert.deepEqual([self.owns(ref('me')), self.owns(ref('other')), self.knownBy], [true, false, 'name'])
    assert.equal(setUp({ ...named, ...known }).self.owns(ref('me', undefined)), true)
    assert.equal(setUp().self.owns({ ...ref('me'), pod: '' }), false)
  })

  test('was there before under the same name with another uid', () => {
    const { self, log } = setUp({ ...named, ...known })
    self.owns(ref('me'))
    assert.equal(self.owns(ref('me', 'former')), true)
    assert.deepEqual(log.entries, [])
  })

  test('is not the one that POD_NAME says when the uid says another one, which is told once', () => {
    const { self, log } = setUp({ namespace: 'loggy', pod: 'other', ...known })
    assert.deepEqual([self.owns(ref('other')), self.owns(ref('me')), self.owns(ref('other'))], [false, true, false])
    self.owns(ref('me'))
    assert.equal(log.entries.length, 1)
    assert.match(String(self.fault), /runs in loggy\/me, but POD_NAMESPACE and POD_NAME say loggy\/other/)
  })
})

describe('the own output', () => {
  const layouts: [string, string, boolean][] = [
    ['CRI, standard error', `${time} stderr F ${line}\n`, true],
    ['CRI, standard output', `${time} stdout F ${line}\n`, true],
    ['docker', `${JSON.stringify({ log: `${line}\n`, stream: 'stderr', time })}\n`, true],
    ['behind other lines', `${time} stderr F (node:1) Warning\n${time} stdout F {}\n${time} stderr F ${line}\n`, true],
    ['of another instance', `${time} stderr F ${line.replace('5d6f', '5d6e')}\n`, false],
    ['quoted in an entry', `${time} stdout F ${JSON.stringify({ log: line })}\n`, false],
    ['quoted in a text', `${time} stdout F look: ${line}\n`, false],
    ['quoted, then its own', `${time} stdout F look: ${line}\n${time} stderr F ${line}\n`, true],
    ['quoted with the text alone', `${time} stdout F {"search":"${instance}"}\n`, false],
  ]
  for (const [what, text, isOwn] of layouts) {
    test(`${isOwn ? 'is' : 'is not'} recognised: ${what}`, () => {
      const { self } = setUp()
      assert.equal(self.recognises(ref('me'), chunkOf(text)), isOwn)
      assert.equal(self.owns({ ...ref('me'), container: 'sidecar' }), isOwn)
      assert.equal(self.knownBy, isOwn ? 'output' : 'nothing')
    })
  }

  test('is recognised although reading begins behind it', (t) => {
    const path = join(temporaryDirectory(t), '0.log')
    const text = `${time} stderr F ${line}\n`
    writeFileSync(path, `${text}${time} stdout F {}\n`)
    const { self } = setUp()
    const chunk = chunkOf(`${time} stdout F {}\n`, { path, offset: text.length })
    assert.equal(self.recognises(ref('me'), chunk), true)
    assert.equal(setUp().self.recognises(ref('me'), { ...chunk, file: { path: `${path}.gone` } }), false)
  })

  test('proves that POD_NAME is wrong: the pod of that name is read again', () => {
    const { self, log } = setUp({ namespace: 'loggy', pod: 'other' })
    assert.equal(self.owns(ref('other')), true)
    self.recognises(ref('me'), chunkOf(`${time} stderr F ${line}\n`))
    assert.deepEqual([self.owns(ref('other')), self.owns(ref('me'))], [false, true])
    assert.match(String(self.fault), /own output in the log of loggy\/me, but .* say loggy\/other/)
    assert.equal(log.entries.length, 1)
  })

  test('is looked for no more once the pod is found by its uid, nor far behind the beginning of a log', () => {
    const { self } = setUp(known)
    const chunk = chunkOf(`${time} stderr F ${line}\n`)
    assert.equal(self.recognises(ref('relay'), { ...chunk, offset: 2 ** 20 }), false)
    self.owns(ref('me'))
    assert.equal(self.recognises(ref('relay'), chunk), false)
  })
})
