import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const css = readFileSync(join(import.meta.dirname, '../../src/page/colors.css'), 'utf8')
const pairs = new Map(
  Array.from(
    css.matchAll(/(--[\w-]+|\.pod-\d+)(?:: | \{\s*color: )light-dark\((#\w{6}), (#\w{6})\)/g),
    ([, name = '', light = '', dark = '']) => [name, [light, dark]] as const,
  ),
)

/** Source: WCAG 2.2, "relative luminance" and "contrast ratio". */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}

function assertContrast(name: string, behind: string, least: number): void {
  for (const theme of [0, 1]) {
    const ratio = contrast(pairs.get(name)?.[theme] ?? '', pairs.get(behind)?.[theme] ?? '')
    assert.ok(ratio >= least, `${name} on ${behind}, theme ${theme}: ${ratio.toFixed(2)}`)
  }
}

test('text has enough contrast on every background in both themes', () => {
  const pods = [...pairs.keys()].filter((name) => name.startsWith('.pod-'))
  assert.equal(pods.length, 12)
  for (const behind of ['--surface', '--raised'])
    for (const name of ['--text', '--muted', '--accent', '--error', '--warn', '--good', ...pods])
      assertContrast(name, behind, 4.5)
  assertContrast('--text', '--mark', 4.5)
  assertContrast('--on-accent', '--accent', 4.5)
  assertContrast('--muted', '--page', 4.5)
  // The level `fatal` is on its colour.
  assertContrast('--surface', '--error', 4.5)
})

test('fields can be told from what is around them', () => {
  assertContrast('--control', '--surface', 3)
})
