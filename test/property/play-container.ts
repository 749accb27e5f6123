import type { Action } from './action.ts'
import type { ModelledRun } from './modelled-run.ts'

/** What happens to one container; a restart is its pod's. */
export type ContainerAction = Exclude<Extract<Action, { container: number }>, { is: 'restart container' }>

export async function playContainer(run: ModelledRun, action: ContainerAction): Promise<void> {
  switch (action.is) {
    case 'write':
      for (let line = 0; line < action.lines; line += 1) run.write(action.stream, action.bytes)
      return
    case 'write trace':
      return await run.writeTrace(action.stream, action)
    case 'write partial':
      return run.writePartial(action.stream, action.bytes)
    case 'damage':
      return run.damage(action.stream, action)
    case 'rotate':
      for (let time = 0; time < action.times; time += 1) await run.rotate(action.late)
      return
    case 'step rotation':
      return run.stepRotation(action.late)
    case 'rename back':
      return run.renameBack()
    case 'copytruncate':
      return run.copytruncate()
    case 'link again':
      return run.links.add(action)
    case 'drop old links':
      return run.links.dropOld()
  }
}
