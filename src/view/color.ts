import { nameHash } from '../lib/name-hash.ts'

/** When to use colours: on a terminal, always, or never. */
export const colorChoices = ['auto', 'always', 'never'] as const
export type ColorChoice = (typeof colorChoices)[number]

/**
 * Whether to use colours. With `auto`, FORCE_COLOR takes precedence over NO_COLOR, as in Node; without either, a terminal is coloured
 * unless it is `dumb`. Source: https://no-color.org, https://force-color.org.
 */
export function wantsColor(
  choice: ColorChoice,
  terminal: { isTTY: boolean; env: Readonly<Record<string, string | undefined>> },
): boolean {
  if (choice !== 'auto') return choice === 'always'
  const { FORCE_COLOR, NO_COLOR, TERM } = terminal.env
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false
  return terminal.isTTY && TERM !== 'dumb'
}

/**
 * Numbers of the 256-colour palette. Each has a contrast of at least 3.5 : 1 against black and against white, so it is readable on dark
 * and light terminals. Without reds, which mark stderr.
 */
const podColors = [130, 100, 64, 28, 30, 32, 62, 98, 134, 164, 162, 67] as const
const stderrColor = 160

/** Colours text, or returns it unchanged. */
export interface Painter {
  dim(text: string): string
  stderr(text: string): string
  /** A pod always has the same colour, in every run and on every machine. */
  pod(name: string, text: string): string
}

const plainPainter: Painter = { dim: (text) => text, stderr: (text) => text, pod: (_name, text) => text }

const colorPainter: Painter = {
  dim: (text) => `\x1b[2m${text}\x1b[22m`,
  stderr: (text) => inColor(stderrColor, text),
  pod: (name, text) => inColor(podColors[nameHash(name) % podColors.length] ?? podColors[0], text),
}

export function createPainter({ color }: { readonly color: boolean }): Painter {
  return color ? colorPainter : plainPainter
}

function inColor(color: number, text: string): string {
  return `\x1b[38;5;${color}m${text}\x1b[39m`
}
