import { parseArgs } from 'node:util'
import { Differential } from './differential.ts'

// Plays hostile lines against the kernel and its oracle: `npm run fuzz -- --lines 10000000 [--seed N]`.

const { values } = parseArgs({
  options: { lines: { type: 'string', default: '10000000' }, seed: { type: 'string' } },
})
const seed = values.seed === undefined ? Date.now() % 2 ** 30 : Number(values.seed)
process.stderr.write(`seed ${seed}\n`)
new Differential().play(seed, Number(values.lines))
process.stdout.write(`${values.lines} lines without a difference, seed ${seed}\n`)
