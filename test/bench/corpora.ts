import { readFileSync } from 'node:fs'
import type { ContainerRuntime } from '../../src/simulation/log-record.ts'
import type { Random } from '../../src/simulation/random.ts'
import { type Body, clean, escapes, json, multibyte, odd, plain } from './bodies.ts'
import type { Writing } from './log-block.ts'

/** What a corpus is made of, whatever its size. */
export interface CorpusRecipe {
  readonly about: string
  readonly runtime: ContainerRuntime
  readonly files: number
  /** At its full size; 10^6 bytes. */
  readonly fullMegabytes: number
  readonly writing: Writing
}

/** What nodes carry: shares of lines, not of bytes. */
function mixedOf({ text, json, odd }: Readonly<Record<'text' | 'json' | 'odd', Body>>): Writing {
  return (random, write) => {
    const share = random.next()
    if (share < 0.6) write.line(text(random, between(random, 80, 200)))
    else if (share < 0.9) write.line(json(random, between(random, 150, 400)))
    else if (share < 0.95) write.line(text(random, between(random, 1000, 4000)))
    else if (share < 0.98) write.line(odd(random, between(random, 80, 300)))
    else write.brokenLine(text(random, between(random, 200, 600)), random.next() < 0.3 ? text(random, 80) : undefined)
  }
}

const mixed = mixedOf({ text: plain, json, odd })
const cri = { runtime: 'containerd', files: 10, fullMegabytes: 500 } as const
const node = { runtime: 'containerd', files: 20, fullMegabytes: 1000, writing: mixed } as const

/** Each corpus of the bench by its name. */
export const corpora = {
  mixed: { ...node, about: '60 % plain lines of 80–200 B, 30 % JSON, 5 % of 1–4 KB, 3 % to escape, 2 % partials' },
  clean: { ...node, about: 'mixed, without anything that presets of redaction find', writing: mixedOf(clean) },
  'many-files': { ...node, files: 500, about: 'the same in 500 files' },
  docker: { ...node, runtime: 'docker', about: 'the same as docker writes it' },
  short: {
    ...cri,
    about: 'lines of 60 B in all',
    writing: (random, write) => write.line(plain(random, between(random, 8, 20))),
  },
  long: {
    ...cri,
    about: 'lines of 8–16 KB',
    writing: (random, write) => write.line(plain(random, between(random, 8000, 16_000))),
  },
  escapes: {
    ...cri,
    about: 'something to escape every few bytes',
    writing: (random, write) => write.line(escapes(random, between(random, 80, 300))),
  },
  multibyte: {
    ...cri,
    about: 'mostly other alphabets',
    writing: (random, write) => write.line(multibyte(random, between(random, 80, 300))),
  },
  partials: {
    ...cri,
    about: 'lines in 2–5 partials of 16 KB',
    writing: (random, write) => write.line(plain(random, between(random, 17_000, 80_000))),
  },
} as const satisfies Readonly<Record<string, CorpusRecipe>>

export type CorpusName = keyof typeof corpora

/** The corpus of that name, or else of the lines of that file, in any order. */
export function corpusOf(nameOrPath: string): CorpusRecipe {
  if (Object.hasOwn(corpora, nameOrPath)) return corpora[nameOrPath as CorpusName]
  const lines = readFileSync(nameOrPath, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
  return { ...node, about: nameOrPath, writing: (random, write) => write.line(random.pick(lines)) }
}

function between(random: Random, least: number, most: number): number {
  return least + random.below(most - least + 1)
}
