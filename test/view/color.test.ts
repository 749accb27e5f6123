import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ColorChoice, createPainter, wantsColor } from '../../src/view/color.ts'

type Case = readonly [string, ColorChoice, boolean, Record<string, string>, boolean]
const cases: readonly Case[] = [
  ['colours a terminal', 'auto', true, {}, true],
  ['does not colour a pipe', 'auto', false, {}, false],
  ['does not colour a dumb terminal', 'auto', true, { TERM: 'dumb' }, false],
  ['honours NO_COLOR', 'auto', true, { NO_COLOR: '1' }, false],
  ['takes an empty NO_COLOR for none', 'auto', true, { NO_COLOR: '' }, true],
  ['honours FORCE_COLOR', 'auto', false, { FORCE_COLOR: '1' }, true],
  ['takes an empty FORCE_COLOR for a wish', 'auto', false, { FORCE_COLOR: '' }, true],
  ['takes FORCE_COLOR=0 for a no', 'auto', true, { FORCE_COLOR: '0' }, false],
  ['lets FORCE_COLOR win over NO_COLOR', 'auto', false, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
  ['lets --color=always win over all', 'always', false, { NO_COLOR: '1' }, true],
  ['lets --color=never win over all', 'never', true, { FORCE_COLOR: '1' }, false],
]
for (const [name, choice, isTTY, env, expected] of cases) {
  test(name, () => assert.equal(wantsColor(choice, { isTTY, env }), expected))
}

const colorOf = (painted: string) => Number(/\[38;5;(\d+)m/.exec(painted)?.[1])
const paint = createPainter({ color: true })
const pods = Array.from({ length: 200 }, (_, index) => `web-7c5d8d9f4b-${index.toString(36)}`)

test('gives the same pod the same colour', () => {
  for (const pod of pods) assert.equal(paint.pod(pod, 'x'), createPainter({ color: true }).pod(pod, 'x'))
  assert.equal(colorOf(paint.pod('web-7c5d8d9f4b-x2x0z', 'x')), 67, 'the same as in any other run')
})

test('spreads the pods of one deployment over the colours', () => {
  assert.ok(new Set(pods.map((pod) => colorOf(paint.pod(pod, 'x')))).size >= 10)
})

test('uses colours that can be read on black and on white', () => {
  for (const painted of [...pods.map((pod) => paint.pod(pod, 'x')), paint.stderr('x')]) {
    const luminance = luminanceOf(colorOf(painted))
    assert.ok((luminance + 0.05) / 0.05 >= 3.5, `${painted} on black`)
    assert.ok(1.05 / (luminance + 0.05) >= 3.5, `${painted} on white`)
  }
})

test('leaves text alone without colour', () => {
  const plain = createPainter({ color: false })
  assert.deepEqual([plain.dim('x'), plain.stderr('x'), plain.pod('web', 'x')], ['x', 'x', 'x'])
})

/** WCAG 2: relative luminance, of a colour in the 6 × 6 × 6 cube of the 256-colour palette. */
function luminanceOf(color: number): number {
  const levels = [0, 95, 135, 175, 215, 255]
  const cube = color - 16
  const [red, green, blue] = [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((index) => {
    const value = (levels[index] ?? Number.NaN) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * Number(red) + 0.7152 * Number(green) + 0.0722 * Number(blue)
}
