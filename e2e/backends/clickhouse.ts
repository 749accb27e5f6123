import { nanosecondsOf } from '../../src/formats/nanoseconds.ts'
import type { Backend, Environment } from './backend.ts'
import { blockOf, recipeOf } from './recipe.ts'

/** ClickHouse, as docs/destinations/clickhouse.md has it. */
export const clickhouse: Backend = {
  name: 'clickhouse',
  server: 'clickhouse',
  // Once it has merged them; see the page.
  storesTwice: false,
  settle: (env) => ask(env, 'OPTIMIZE TABLE logs FINAL'),
  async prepare(env) {
    await ask(env, 'DROP TABLE IF EXISTS logs')
    await ask(env, blockOf('clickhouse', 'sql'))
  },
  sink: ({ CLICKHOUSE }) => recipeOf('clickhouse', CLICKHOUSE),
  read(line) {
    const { cluster, stream, level, log, id, time, ...row } = JSON.parse(line)
    // That of the kit is of 2018, and knows neither maps nor JSON.
    const labels = undefined
    return {
      cluster,
      pod: row['kubernetes.pod'],
      time: nanosecondsOf(time),
      stream,
      body: log,
      id,
      level: level || undefined,
      labels,
    }
  },
}

async function ask({ CLICKHOUSE }: Environment, query: string): Promise<void> {
  const response = await fetch(`${CLICKHOUSE}/`, { method: 'POST', body: query })
  if (!response.ok) throw new Error(`${query.slice(0, 60)} …: ${await response.text()}`)
}
