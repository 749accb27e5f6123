import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Entry } from '../../e2e/support/entry-log.ts'
import { firstDifference, parseKubeletLines } from '../../e2e/support/kubelet-lines.ts'

const lines = parse(`${timeOf(3)} three\n${timeOf(4)} \n${timeOf(5)} {"n": 1e3}\n`)
const five = { ...entry(5), log: undefined, json: { n: 1000 } } as unknown as Entry
const [two, three, four, six] = [entry(2, 'two'), entry(3, 'three'), entry(4, ''), entry(6, 'six')]

test('entries say what the kubelet says when it has lost older lines, and newer entries have come', () => {
  assert.equal(firstDifference(lines, [two, three, four, five, six]), undefined)
})

test('a runtime may leave out the zeros at the end of a time', () => {
  const times = {
    '2026-01-02T03:04:10.500000000Z': '2026-01-02T03:04:10.5Z',
    '2026-01-02T03:04:10.000000000+02:00': '2026-01-02T03:04:10+02:00',
  }
  for (const [printed, time] of Object.entries(times))
    assert.equal(firstDifference(parse(`${printed} one`), [{ ...entry(1, 'one'), time }]), undefined)
})

test('entries that came again do not count', () => {
  assert.equal(firstDifference(lines, [two, three, four, three, four, five]), undefined)
})

test('a line without an entry, out of order, with another time, text or container run, or lost, is the first difference', () => {
  const differing: Entry[][] = [
    [two, three, five],
    [two, three, five, four],
    [two, three, { ...four, time: timeOf(6) }, five],
    [two, three, { ...four, log: ' ' }, five],
    [two, three, { ...four, kubernetes: { ...four.kubernetes, restartCount: 1 } }, five],
    [two, three, { ...four, kubernetes: { ...four.kubernetes, uid: 'other' } }, five],
    [two, three, { ...entry(4), log: undefined, lost: { bytes: 20 } } as unknown as Entry, five],
  ]
  for (const entries of differing) assert.deepEqual(firstDifference(lines, entries)?.line, lines[1])
})

test('nothing is known of a first line that never came', () => {
  assert.deepEqual(firstDifference(lines, [two, four, five]), { line: lines[0], entry: undefined })
  assert.deepEqual(firstDifference(lines, []), { line: lines[0], entry: undefined })
})

test('a line that the runtime cut is whole, though old kubelets give the time of each part', () => {
  const [time, later] = [timeOf(1), timeOf(2)]
  assert.deepEqual(parse(`${time} ab${later} cd${later} ef\n`), [{ time, text: 'abcdef' }])
  const character = Buffer.concat([Buffer.from(`${time} g\xc3`, 'latin1'), Buffer.from(`${later} \xbcn\n`, 'latin1')])
  assert.deepEqual(parseKubeletLines(character), [{ time, text: 'gün' }])
  assert.deepEqual(parse(`${time} last words`), [{ time, text: 'last words' }])
})

test('what kubectl prints in place of a log is no line', () => {
  assert.deepEqual(parse('unable to retrieve container logs for containerd://1'), [])
})

function parse(printed: string) {
  return parseKubeletLines(Buffer.from(printed))
}

function timeOf(second: number): string {
  return `2026-01-02T03:04:0${second}.000000001Z`
}

function entry(second: number, log = ''): Entry {
  const kubernetes = { namespace: 'shop', pod: 'web', container: 'main', uid: 'first', restartCount: 0 }
  return { time: timeOf(second), stream: 'stdout', log, kubernetes }
}
