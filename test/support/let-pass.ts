import { setTimeout as sleep } from 'node:timers/promises'
import type { Overview } from '../../src/agent/overview.ts'
import type { TestNode } from './test-node.ts'
import { waitUntil } from './wait-until.ts'

/** How often the agent waits for the system between an answer that it gets, or a timer that runs out, and the end of what that begins. */
const TURNS = 10

/** SIGUSR2; resolves with the answer of the agent, whose loop has turned then. */
export async function report(node: TestNode): Promise<ReturnType<Overview['report']>> {
  const reports = () => node.agentLog.filter((line) => line.report !== undefined)
  const before = reports().length
  node.signal('SIGUSR2')
  await waitUntil('the report', () => reports().length > before)
  return reports().at(-1)?.report as ReturnType<Overview['report']>
}

/**
 * Lets the agent do what it has to do so many milliseconds after what it was sent last. On a loaded machine it may get no time from the
 * processor meanwhile, so its loop must have turned before and after.
 */
export async function letPass(node: TestNode, milliseconds: number): Promise<void> {
  await letTurn(node)
  await sleep(milliseconds)
  await letTurn(node)
}

async function letTurn(node: TestNode): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) await report(node)
}
