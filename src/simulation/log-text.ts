import type { StreamName } from '../model/stream-name.ts'
import type { Random } from './random.ts'

/** Output of a program: lines without their newlines. */
export interface LogOutput {
  readonly stream: StreamName
  readonly lines: readonly string[]
}

/** Generates a program's log: each call returns its next output. */
export type LogGenerator = (random: Random) => LogOutput

const PATHS = [
  '/',
  '/cart',
  '/checkout',
  '/api/products?page=2',
  '/api/products/41',
  '/health',
  '/static/app.js',
] as const
const STATUSES = [200, 200, 200, 200, 201, 304, 404, 503] as const
const CUSTOMERS = ['Zoë Müller', 'José Ñúñez', '山田太郎', 'Анна Иванова', 'Seán Ó Briain', '김민준'] as const
const CITIES = ['Zürich', 'São Paulo', '東京', 'Kraków', 'Reykjavík'] as const

/** A web shop: access log, JSON, sometimes a warning and a stack trace. */
export const webLog: LogGenerator = (random) => {
  const chance = random.next()
  if (chance < 0.02) return stackTrace(random)
  if (chance < 0.06) return oneLine('stderr', `WARN slow upstream payments: ${random.below(900) + 300} ms, retrying ⏳`)
  if (chance < 0.3) return oneLine('stdout', orderJson(random))
  return oneLine('stdout', accessLine(random))
}

/** A sidecar: short lines, all in JSON. */
export const proxyLog: LogGenerator = (random) => {
  const fields = { level: 'info', upstream: '127.0.0.1:8080', path: random.pick(PATHS), duration_ms: random.below(80) }
  return oneLine('stdout', JSON.stringify(fields))
}

/** A database: everything on stderr, as PostgreSQL does, with statements over several lines. */
export const databaseLog: LogGenerator = (random) => {
  const chance = random.next()
  const pid = 40 + random.below(20)
  if (chance < 0.1) {
    const buffers = random.below(400)
    return oneLine(
      'stderr',
      `[27] LOG:  checkpoint complete: wrote ${buffers} buffers (${(buffers / 164).toFixed(1)}%)`,
    )
  }
  if (chance < 0.2) {
    const lines = [`[${pid}] ERROR:  duplicate key value violates unique constraint "orders_pkey"`]
    lines.push(`[${pid}] DETAIL:  Key (id)=(${random.below(90_000)}) already exists.`)
    return { stream: 'stderr', lines }
  }
  const milliseconds = (random.next() * 40).toFixed(3)
  const city = random.pick(CITIES)
  return oneLine(
    'stderr',
    `[${pid}] LOG:  duration: ${milliseconds} ms  statement: SELECT * FROM orders WHERE city = '${city}'`,
  )
}

/** A batch job that reports its progress. */
export const jobLog: LogGenerator = (random) =>
  oneLine(
    'stdout',
    `report: ${random.pick(CITIES)}: ${random.below(500)} orders, ${(random.next() * 9000).toFixed(2)} €`,
  )

/** A line that every runtime splits into partial records: 20 to 60 KB of JSON. */
export function longLine(random: Random): string {
  const orders = Array.from({ length: 200 + random.below(350) }, () => orderJson(random))
  return `{"msg":"catalogue dumped","orders":[${orders.join(',')}]}`
}

/** The output of a process that ends because of an uncaught exception. */
export function stackTrace(random: Random): LogOutput {
  const order = random.below(90_000)
  return {
    stream: 'stderr',
    lines: [
      `Error: payment of order ${order} was declined`,
      '    at authorize (/app/src/payments.js:88:11)',
      '    at async placeOrder (/app/src/orders.js:142:18)',
      '    at async /app/src/routes/checkout.js:31:5',
      `Caused by: SocketError: other side closed (10.0.3.${random.below(250)}:8443)`,
    ],
  }
}

function oneLine(stream: StreamName, line: string): LogOutput {
  return { stream, lines: [line] }
}

function accessLine(random: Random): string {
  const request = `${random.pick(['GET', 'GET', 'GET', 'POST'])} ${random.pick(PATHS)} HTTP/1.1`
  return `10.0.1.${random.below(250)} "${request}" ${random.pick(STATUSES)} ${random.below(9000)} ${random.below(120)}ms`
}

function orderJson(random: Random): string {
  const order = { level: 'info', msg: 'order placed', order: random.below(90_000), customer: random.pick(CUSTOMERS) }
  return JSON.stringify({ ...order, city: random.pick(CITIES), total: Number((random.next() * 300).toFixed(2)) })
}
