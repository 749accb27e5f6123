import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import * as http from 'node:http'
import * as net from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import manifest from '../../package.json' with { type: 'json' }
import { encodeOtlp } from '../formats/otlp/decode-otlp.ts'
import { BulkServer } from '../support/bulk-server.ts'
import { Collector } from '../support/collector.ts'
import { OtlpServer } from '../support/otlp-server.ts'
import { program } from '../support/program.ts'
import { runCheck } from '../support/run-check.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const TLS = join(import.meta.dirname, '../support/tls')

const ORIGIN = { POD_NAMESPACE: 'loggy', POD_NAME: 'loggy-x2x9z' }

const probe = (env: Readonly<Record<string, string>>) => runCheck(['--probe'], { ...ORIGIN, ...env })

async function startCollector(t: TestContext, options = {}): Promise<Collector> {
  const collector = new Collector(options)
  await collector.start()
  t.after(() => collector.stop())
  return collector
}

const httpTo = (url: string) => ({ LOGGY_SINK_TYPE: 'http', LOGGY_SINK_URL: url })

test('a probe says who sent it and when, as the sink has entries, and what came back', async (t) => {
  const collector = await startCollector(t)
  const began = new Date().toISOString()
  const { code, stdout, stderr } = await probe({
    ...httpTo(`${collector.url}?key=hunter2`),
    LOGGY_SINK_HEADERS: 'x-key=hunter3',
    LOGGY_ENRICH_CLUSTER: 'prod-1',
    LOGGY_SINK_TENANT_NAME: 'ops',
  })
  assert.deepEqual([code, stderr], [0, ''])
  assert.match(stdout, /^sink http, http:\/\/127\.0\.0\.1:\d+\/entries: accepted \(\d+ ms\)\n$/)
  const [line = '', ...others] = collector.received()
  assert.deepEqual(others, [])
  const { time, cluster, log, kubernetes } = JSON.parse(line)
  assert.ok(time >= began && time <= new Date().toISOString())
  assert.equal(cluster, 'prod-1')
  assert.equal(
    log,
    `a probe of loggy ${manifest.version}, which no container wrote: sent by 'loggy check --probe' in loggy-x2x9z on node node-1 at ${time}`,
  )
  assert.equal(kubernetes.pod, 'loggy-x2x9z')
  assert.equal(kubernetes.labels['loggy.io/probe'], 'true')
  assert.equal(collector.requests[0]?.headers['x-scope-orgid'], 'ops')
  assert.equal(collector.requests[0]?.headers['x-key'], 'hunter3')
})

const answers: readonly [what: string, status: number, body: string, said: RegExp][] = [
  ['a refusal', 400, 'no field "msg"', /: rejected: HTTP 400: no field "msg" \(\d+ ms\)\n$/],
  ['an entry that is too large', 413, '', /: rejected: HTTP 413 \(/],
  [
    'wrong credentials',
    401,
    'bad token',
    /: not accepted until the configuration is fixed, here or at the destination: HTTP 401: bad token \(the/,
  ],
  [
    'a wrong path',
    404,
    '',
    /: not accepted until the configuration is fixed, here or at the destination: HTTP 404 \(this URL does not/,
  ],
  ['a redirect', 301, '', /destination: HTTP 301 \(redirects are not followed\)/],
  ['a busy destination', 503, 'later', /: not accepted now; a retry may help: HTTP 503: later \(/],
  ['words that would fake lines', 400, 'no\nsink http: accepted\u001b[2J', /HTTP 400: no sink http: accepted \[2J \(/],
]

test('what the destination answers is said in one line, and the entry is sent only once', async (t) => {
  const collector = await startCollector(t)
  for (const [what, status, body, said] of answers) {
    collector.failNext({ status, body })
    const { code, stdout, stderr } = await probe(httpTo(collector.url))
    assert.equal(code, 1, what)
    assert.match(stdout, said)
    assert.equal(stdout.split('\n').length, 2, what)
    assert.equal(stderr, '')
  }
  assert.equal(collector.requests.length, answers.length)
})

test('no answer, no address, no name and no trust are told apart', async (t) => {
  const secure = await startCollector(t, {
    tls: { cert: readFileSync(join(TLS, 'server.crt')), key: readFileSync(join(TLS, 'server.key')) },
  })
  const collector = await startCollector(t)
  collector.failNext('hang')
  const closed = net.createServer().listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const { port } = closed.address() as net.AddressInfo
  await new Promise((resolve) => closed.close(resolve))
  const faults: readonly [env: Readonly<Record<string, string>>, said: RegExp][] = [
    [{ ...httpTo(collector.url), LOGGY_SINK_TIMEOUT: '300ms' }, /: no answer in time: no whole answer within 300 ms/],
    [httpTo(`http://127.0.0.1:${port}/`), /: not accepted now.*ECONNREFUSED.* \(nothing listens there\)/],
    [httpTo('http://no.such.host.invalid/'), /(?:ENOTFOUND|EAI_AGAIN).* \(DNS /],
    [httpTo(secure.url), /here or at the destination: .*\(TLS: the authority of the certificate is not trusted/],
    [httpTo(secure.url.replace('https', 'http')), /: not accepted .*(?:hang up|ECONNRESET|HTTP)/],
    [httpTo(collector.url.replace('http', 'https')), /here or at the destination: .*\(TLS: no connection; check/],
    [
      { ...httpTo(collector.url), LOGGY_SINK_TOKEN_FILE: '/nowhere/token' },
      /destination: ENOENT: [^:]*\/nowhere\/token' \(/,
    ],
  ]
  for (const [env, said] of faults) {
    const { code, stdout } = await probe(env)
    assert.equal(code, 1)
    assert.match(stdout, said)
    assert.equal(stdout.split('\n').length, 2)
  }
})

test('a probe to standard output is all that stands there', async () => {
  const child = spawn(process.execPath, [program, 'check', '--probe'], { env: { PATH: process.env.PATH, ...ORIGIN } })
  const text = { out: '', error: '' }
  child.stdout.on('data', (bytes) => (text.out += bytes))
  child.stderr.on('data', (bytes) => (text.error += bytes))
  const [code] = await once(child, 'close')
  assert.equal(code, 0)
  assert.match(JSON.parse(text.out).log, /^a probe of loggy /)
  assert.match(text.error, /^sink stdout, standard output: accepted \(\d+ ms\)\n$/)
})

test('a probe is appended to a file, or it is said why not', async (t) => {
  const path = join(temporaryDirectory(t), 'entries')
  const { code, stdout } = await probe({ LOGGY_SINK_TYPE: 'file', LOGGY_SINK_PATH: path })
  assert.equal(code, 0)
  assert.match(stdout, /: accepted \(/)
  assert.match(JSON.parse(readFileSync(path, 'utf8')).log, /^a probe of loggy /)
  const failed = await probe({ LOGGY_SINK_TYPE: 'file', LOGGY_SINK_PATH: `${path}/under/a/file` })
  assert.equal(failed.code, 1)
  assert.match(failed.stdout, /^sink file: failed: cannot open .*ENOTDIR.*\n$/)
})

test('answers are read as the format reads them: what a 200 rejects is rejected', async (t) => {
  const otlp = await OtlpServer.start(t)
  const toOtlp = { LOGGY_SINK_TYPE: 'otlp', LOGGY_SINK_URL: otlp.url }
  const taken = await probe(toOtlp)
  assert.match(taken.stdout, /^sink otlp, .*\/v1\/logs: accepted/)
  const partialSuccess = { rejectedLogRecords: 1, errorMessage: 'too old' }
  otlp.answer = () => ({ status: 200, body: encodeOtlp('ExportLogsServiceResponse', { partialSuccess }) })
  const rejected = await probe(toOtlp)
  assert.deepEqual([rejected.code, /: rejected: .*too old/.test(rejected.stdout)], [1, true], rejected.stdout)
  const bulk = await BulkServer.start(t)
  const toBulk = { LOGGY_SINK_TYPE: 'elasticsearch', LOGGY_SINK_URL: bulk.url }
  const [stored, again] = [await probe(toBulk), await probe(toBulk)]
  assert.deepEqual([stored.code, again.code, bulk.stored.size], [0, 0, 2])
  bulk.judge = () => ({ status: 400, type: 'mapper_parsing_exception', reason: 'failed to parse' })
  const refused = await probe(toBulk)
  assert.match(refused.stdout, /^sink elasticsearch, .*: rejected: .*mapper_parsing_exception/)
  bulk.judge = () => ({ status: 403, type: 'cluster_block_exception', reason: 'index is closed for writing' })
  assert.match(
    (await probe(toBulk)).stdout,
    /: not accepted until the configuration is fixed, here or at the destination: .*closed for writing/,
  )
})

test('a server that ends the connection in its answer has accepted nothing', async (t) => {
  const server = http.createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-length': 100 }).write('half', () => response.destroy())
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const { code, stdout } = await probe(httpTo(`http://127.0.0.1:${(server.address() as net.AddressInfo).port}`))
  assert.equal(code, 1)
  assert.match(stdout, /: not accepted now; a retry may help: /)
})

test('secrets that a refusal repeats are not shown', async (t) => {
  const passwordFile = join(temporaryDirectory(t), 'password')
  writeFileSync(passwordFile, 'hunter22\n')
  const server = http.createServer((request, response) => {
    const { authorization = '', 'x-api-key': key } = request.headers
    const user = Buffer.from(authorization.slice(6), 'base64')
    response.writeHead(401).end(`no ${authorization}, that is ${user}, nor ${key} at ${request.url} for shop`)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close().closeAllConnections())
  const { stdout } = await probe({
    ...httpTo(`http://127.0.0.1:${(server.address() as net.AddressInfo).port}/a?apikey=hunter+44&b=c`),
    LOGGY_SINK_USERNAME: 'loggy',
    LOGGY_SINK_PASSWORD_FILE: passwordFile,
    LOGGY_SINK_HEADERS: 'x-api-key=hunter33,x-scope-orgid=shop',
  })
  assert.doesNotMatch(stdout, /hunter|bG9nZ3k6/)
  assert.match(stdout, /HTTP 401: no Basic \*\*\*, that is \*\*\*, nor \*\*\* at \/a\?apikey=\*\*\*&b=c for shop/)
})

test('an invalid configuration ends a probe with code 2', async () => {
  const { code, stdout, stderr } = await probe({ LOGGY_SINK_TYPE: 'http' })
  assert.deepEqual([code, stdout], [2, ''])
  assert.match(stderr, /sink\.url/)
})
