import type { Level } from '../../src/model/level.ts'
import type { Container } from '../../src/page/status-answer.ts'
import { type TestEntry, testContainer, testEntry } from './samples.ts'

/** A node for pictures: what runs there, and what it says. */
export const demoContainers: readonly Container[] = [
  testContainer('web-7c5d9f-x2x9z', { container: 'nginx' }),
  testContainer('web-7c5d9f-m4k8w', { container: 'nginx' }),
  testContainer('checkout-5f6b7d-9qh2l', { lagBytes: 1_480_000, lagSeconds: 3.2 }),
  testContainer('payments-68c4bf-tz7vd', { namespace: 'bank' }),
  testContainer('ledger-0', { namespace: 'bank', container: 'postgres' }),
  testContainer('search-59cc8d-pl3nv', { container: 'opensearch' }),
  testContainer('report-29123940-hx5gg', { namespace: 'batch', metadata: 'path-only' }),
  testContainer('import-0', {
    namespace: 'batch',
    fault: 'EACCES: permission denied, open /var/log/pods/batch_import-0/app/0.log',
  }),
  testContainer('coredns-7db6d8ff4d-6xk2s', {
    namespace: 'kube-system',
    container: 'coredns',
    state: 'exclude',
    rule: 'select.namespaces.exclude: kube-system',
    counters: undefined,
    reading: undefined,
  }),
  testContainer('legacy-1', {
    namespace: 'shop',
    state: 'exclude',
    rule: 'annotation loggy.io/exclude: "true"',
    counters: undefined,
    reading: undefined,
  }),
]

/** Lines in two seconds, by place in `demoContainers`. */
const WRITTEN = [420, 386, 1240, 96, 310, 58, 4, 0, 0, 0]

export function demoLines(index: number, round: number): number {
  const base = WRITTEN[index] ?? 0
  return Math.round(base * (1 + 0.45 * Math.sin(round / 5 + index) + 0.2 * Math.sin(round * 1.7 + index * 3)))
}

type DemoLine = readonly [app: string, team: string, level: Level | undefined, line: string, stream?: 'stderr']

const LINES: readonly DemoLine[] = [
  ['web', 'shop', 'info', '10.0.3.17 - "GET /products/4711 HTTP/1.1" 200 5123 "-" 0.012'],
  ['checkout', 'shop', 'info', '{"level":"info","msg":"order placed","order":"A-20931","items":3,"total":"129.90"}'],
  ['payments', 'payments', 'info', 'level=info msg="authorised" provider=acme amount=129.90 currency=EUR took=212ms'],
  ['web', 'shop', 'info', '10.0.3.21 - "GET /cart HTTP/1.1" 200 1840 "-" 0.008'],
  [
    'payments',
    'payments',
    'warn',
    'level=warn msg="slow answer from provider" provider=acme took=1.92s retry=1',
    'stderr',
  ],
  [
    'search',
    'shop',
    'info',
    '[2026-11-25T18:20:01,113][INFO ][o.o.c.r.a.AllocationService] shard started [products][2]',
  ],
  [
    'checkout',
    'shop',
    'error',
    'java.lang.IllegalStateException: no stock for order A-20932\n\tat shop.Stock.take(Stock.java:41)\n\tat shop.Checkout.place(Checkout.java:112)',
    'stderr',
  ],
  ['ledger', 'payments', undefined, 'LOG:  checkpoint complete: wrote 184 buffers (1.1%); write=18.4 s, sync=0.004 s'],
  ['web', 'shop', 'info', '10.0.3.17 - "POST /checkout HTTP/1.1" 201 311 "-" 0.241'],
  ['checkout', 'shop', 'debug', '{"level":"debug","msg":"cache miss","key":"price:4711","took_ms":2}'],
]

/** What is written next, over and over. */
export function demoEntry(index: number): TestEntry {
  const [app, team, level, line, stream = 'stdout'] = LINES[index % LINES.length] ?? ['', '', undefined, '']
  return testEntry(line, { app, team, stream, ...(level && { level }) })
}
