import type { Scenario } from './action.ts'
import { judge } from './judgement.ts'
import { World } from './world.ts'

/** Plays a scenario to its end; rejects with all that did not hold. */
export async function play(scenario: Scenario): Promise<void> {
  const world = await World.start(scenario)
  try {
    for (const action of scenario.actions) await world.play(action)
    await world.settle()
    const isPiped = scenario.destination === 'stdout'
    // Entries that are refused, each by itself, are passed by those after them, also where that was the destination's fault.
    const isWrong = scenario.actions.some((action) => action.is === 'destination' && action.goes === 'wrong')
    const isOrdered = isPiped || (scenario.maxInFlight === 1 && !isWrong)
    const faults = judge(world, { isOrdered, isCounted: isPiped })
    if (faults.length > 0) throw new Error(`${faults.length} faults:\n${faults.slice(0, 20).join('\n')}`)
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${lastOutput(world)}`, { cause: error })
  } finally {
    await world.close()
  }
}

function lastOutput({ keeper, ledger }: World): string {
  const ofLife = ({ agent, end }: (typeof keeper.lives)[number], index: number) => [
    `agent ${index} (${end ?? 'runs'}):`,
    ...agent.noise.slice(-10),
    ...agent.log.slice(-8).map((line) => `  ${JSON.stringify(line).slice(0, 300)}`),
  ]
  const odd = [
    ...ledger.strangers.slice(0, 4).map((entry) => `nobody wrote: ${entry.slice(0, 160)}`),
    ...ledger.lossMarkers.slice(0, 4).map(({ text }) => `told as lost: ${text}`),
  ]
  return [...odd, ...keeper.lives.flatMap(ofLife).slice(-40)].join('\n')
}
