import { test } from 'node:test'
import { Differential } from './differential.ts'

test('gives the entries of its oracle for any bytes, chunks and batches, and touches nothing around them', () => {
  new Differential().play(2026, 100_000)
})
