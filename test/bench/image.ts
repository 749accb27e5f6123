import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/** This checkout's bundle. */
export const ownProgram = resolve(import.meta.dirname, '../../dist/loggy.mjs')

/** How the image of the checkout runs the bundle that is in its `dist`. */
export function imageOf(program: string): {
  readonly nodeFlags: readonly string[]
  readonly env: Record<string, string>
} {
  const dockerfile = readFileSync(resolve(program, '../../Dockerfile'), 'utf8')
  const entryPoint: readonly string[] = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(dockerfile)?.[1] ?? '[]')
  const [, arenas] = /^ENV .*\bMALLOC_ARENA_MAX=(\d+)$/m.exec(dockerfile) ?? []
  return {
    nodeFlags: entryPoint.filter((word) => word.startsWith('--')),
    env: arenas === undefined ? {} : { MALLOC_ARENA_MAX: arenas },
  }
}
