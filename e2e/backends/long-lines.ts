import { freePort } from '../../src/simulation/free-port.ts'
import { startMeasuredNode } from '../../test/loss/measured-node.ts'
import { Agents } from './agents.ts'
import type { Environment, ProofOptions } from './backend.ts'
import { recipeOf } from './recipe.ts'

/** Bytes that VictoriaLogs takes of a line of JSON, `-insert.maxLineSizeBytes`. */
const LIMIT = 256 << 10
/** Around the limit, which is for the whole entry, and up to the agent's own. */
const LENGTHS = [
  200_000,
  ...Array.from({ length: 40 }, (_, step) => LIMIT - 1000 + step * 30),
  300_000,
  700_000,
  1_048_576,
]
const FILL = ['x', '"', '\u0001', '€', '😀']
/** One lies between any two long lines: it must not go with them. */
const short = (number: number) => `short ${number}`

/** Lines of all lengths about the limit arrive, cut and flagged where they must be, and the lines between them too. Resolves with what is wrong. */
export async function proveLongLines(env: Environment, { program, say }: ProofOptions): Promise<readonly string[]> {
  const cluster = `long-${process.pid}-${Date.now()}`
  const port = await freePort()
  const config = { enrich: { cluster }, sink: recipeOf('victorialogs', env.VICTORIALOGS), metrics: { port } }
  const node = await startMeasuredNode('long-lines', { config, kubelet: { maxLogFiles: 1000 } })
  const agents = new Agents({ configPath: node.configPath, program, port })
  const containers = [{ name: 'app', image: 'shop/web:1' }]
  const container = node.kubelet.startPod({ namespace: 'shop', name: 'web', containers }).container()
  const lines = LENGTHS.flatMap((length) =>
    FILL.map((fill) => `${length} ${fill} `.padEnd(length / Buffer.byteLength(fill), fill).toWellFormed()),
  )
  try {
    for (const [number, line] of lines.entries()) {
      container.write('stdout', line)
      container.write('stdout', short(number))
    }
    await agents.start()
    const deadLetters = await agents.deliver()
    const stored = await query(env, `cluster:=${JSON.stringify(cluster)}`)
    const wrong = judge(lines, stored)
    if (deadLetters > 0) wrong.push(`${deadLetters} dead letters`)
    say(
      `victorialogs: ${stored.length} records of ${2 * lines.length} with ${lines.length} long lines, ${stored.filter(isCut).length} cut`,
    )
    return wrong
  } finally {
    await agents.end()
    await node.close()
  }
}

type Stored = Readonly<Record<string, string>>

function isCut({ truncated }: Stored): boolean {
  return truncated === 'true'
}

function judge(lines: readonly string[], stored: readonly Stored[]): string[] {
  const bodies = new Map(stored.map((record) => [(record._msg ?? '').slice(0, 40), record]))
  const wrong = lines.flatMap((line, number) => {
    const found = bodies.get(line.slice(0, 40))
    const what = line.slice(0, 20)
    if (!bodies.has(short(number))) return [`the line after ${what} is lost`]
    if (found === undefined) return [`${what} is lost`]
    const body = found._msg ?? ''
    if (body === line) return isCut(found) ? [`${what} is whole and flagged`] : []
    const isRight = isCut(found) && line.startsWith(body) && found.originalBytes === String(Buffer.byteLength(line))
    return isRight ? [] : [`${what} is there with ${body.length} of ${line.length} characters, and not flagged`]
  })
  return wrong
}

async function query({ VICTORIALOGS }: Environment, text: string): Promise<Stored[]> {
  await fetch(`${VICTORIALOGS}/internal/force_flush`)
  const response = await fetch(`${VICTORIALOGS}/select/logsql/query`, {
    method: 'POST',
    body: new URLSearchParams({ query: text }),
  })
  const lines = (await response.text()).split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line))
}
