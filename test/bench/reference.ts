import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** How long a tool takes for the same files, started by name; seconds. Its output goes nowhere. */
export async function secondsOf(tool: readonly [string, ...string[]], paths: readonly string[]): Promise<number> {
  const [file, ...flags] = tool
  const startMs = performance.now()
  const child = spawn(file, [...flags, ...paths], { stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`${file} ended with ${code}`)
  return (performance.now() - startMs) / 1000
}
