import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { busyboxPod } from '../support/busybox-pod.ts'
import type { Entry } from '../support/entry-log.ts'
import { assertAsKubelet } from '../support/kubelet-oracle.ts'
import { unlessMet } from '../support/requirements.ts'
import { sceneOf } from '../support/scene.ts'

const skip = await unlessMet()

/** Bytes of a line at which runtimes cut. */
const CUT = 16_384
/** A line of so many x. */
const line = (bytes: number) => `head -c ${bytes} /dev/zero | tr '\\0' x; echo`

describe('a line', { skip, timeout: 300_000 }, () => {
  const scene = sceneOf({ by: 'http', options: { parse: { json: true } } })

  /** Runs the script in a pod and resolves with the entries once there are so many. */
  async function written(name: string, script: string, count: number): Promise<Entry[]> {
    const { installation, entries, node } = scene()
    await installation.apply(busyboxPod(name, node, { restartPolicy: 'Never', containers: { main: script } }))
    await entries.until(`${count} entries of ${name}`, () => entries.ofPod(name).length >= count, 90_000)
    return entries.ofPod(name)
  }

  test('arrives whole, however long it is', async () => {
    const lengths = [0, 1, CUT - 1, CUT, CUT + 1, 2 * CUT, 1_000_000, 0]
    const entries = await written('lengths', lengths.map(line).join('\n'), lengths.length)
    assert.deepEqual(
      entries.map(({ log }) => log?.length),
      lengths,
    )
    for (const { log, partial } of entries) assert.deepEqual([log?.replace(/^x*/, ''), partial], ['', undefined])
  })

  test('is joined from its parts, when those of the other stream stand between', async () => {
    const part = (letter: string) => `head -c ${CUT} /dev/zero | tr '\\0' ${letter}`
    const round = `${part('o')}; sleep 0.2; ${part('e')} >&2; sleep 0.2`
    const entries = await written('streams', `${round}; ${round}; echo O; sleep 0.2; echo E >&2`, 2)
    const byStream = Object.fromEntries(entries.map(({ stream, log }) => [stream, log]))
    assert.deepEqual(byStream, { stdout: `${'o'.repeat(2 * CUT)}O`, stderr: `${'e'.repeat(2 * CUT)}E` })
  })

  test('has U+FFFD for bytes that are no UTF-8, and all others as they were', async () => {
    const script = String.raw`printf 'a\377b\n'; printf '\303\n'; printf 'gr\303\274n \360\237\230\200 \033[1m\000\n'`
    const logs = (await written('bytes', script, 3)).map(({ log }) => log)
    assert.deepEqual(logs, ['a\ufffdb', '\ufffd', 'gr\u00fcn \u{1f600} \u001b[1m\u0000'])
  })

  test('keeps a character that the runtime cut in two', async () => {
    const script = String.raw`head -c ${CUT - 1} /dev/zero | tr '\0' x; printf '\303\274\n'`
    const [entry] = await written('character', script, 1)
    assert.equal(entry?.log, `${'x'.repeat(CUT - 1)}\u00fc`)
  })

  test('is JSON itself when it is one JSON object, and a string when it is not quite', async () => {
    const bodies = [
      '{"level":"info","n":1e3,"deep":{"a":[1,"\\u00fc"]}}',
      '{"cut":',
      '[1,2]',
      '{"a":1} {"b":2}',
      '"text"',
    ]
    const script = `cat <<'END'\n${bodies.join('\n')}\nEND`
    const [first, ...others] = await written('json', script, bodies.length)
    assert.deepEqual([first?.json, first?.log], [{ level: 'info', n: 1000, deep: { a: [1, 'ü'] } }, undefined])
    assert.deepEqual(
      others.map(({ log }) => log),
      bodies.slice(1),
    )
  })

  test('without a newline arrives as the last words that it is', async () => {
    const { installation, entries } = scene()
    const script = "echo first; printf 'last words'"
    await written('words', script, 1)
    await installation.kubectl('delete', 'pod', 'words', '--wait=false')
    await entries.until('its last words', () => entries.ofPod('words').length === 2)
    const [first, last] = entries.ofPod('words')
    assert.deepEqual([first?.log, first?.partial], ['first', undefined])
    assert.deepEqual([last?.log, last?.partial], ['last words', true])
  })

  // The kubelet mixes the parts of both streams.
  test('is the one that the kubelet has', async (t) => t.diagnostic(await assertAsKubelet(scene(), ['streams'])))

  test('arrives in strict JSON', () => {
    assert.deepEqual(scene().entries.strangers, [])
  })
})
