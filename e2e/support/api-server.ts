import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { kubectl } from './kubectl.ts'
import { settings } from './settings.ts'
import { until } from './until.ts'

/** The cluster's API server, by the commands that the settings have for it. */
export class ApiServer {
  #isStopped = false

  /** Resolves, with the milliseconds that it took, when it answers no more. */
  async stop(): Promise<number> {
    const startMs = performance.now()
    this.#isStopped = true
    await run(settings.api?.stop)
    await until('the API server is away', async () => !(await answers()))
    return performance.now() - startMs
  }

  /** Resolves when it is ready again; does nothing if it was not stopped. */
  async start(): Promise<void> {
    if (!this.#isStopped) return
    await run(settings.api?.start)
    await until('the API server is back', answers)
    this.#isStopped = false
  }
}

async function run(command: string | undefined): Promise<void> {
  assert.ok(command)
  await promisify(execFile)('sh', ['-c', command])
}

async function answers(): Promise<boolean> {
  return await kubectl('get', '--raw', '/readyz', '--request-timeout=3s').then(
    () => true,
    () => false,
  )
}
