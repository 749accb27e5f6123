import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import http, { type IncomingHttpHeaders } from 'node:http'
import https from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { KubeClient } from '../../src/kube/client.ts'
import { describeError } from '../../src/lib/errors.ts'
import { kubeconfig } from '../support/kubeconfig.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { selfSignedCertificate } from './certificate.ts'
import { ManualClock } from './support.ts'

const never = new AbortController().signal
const tls = selfSignedCertificate()
const other = selfSignedCertificate()
const base64 = (text: string) => Buffer.from(text).toString('base64')

/** What a server saw of one request. */
interface Seen {
  readonly headers: IncomingHttpHeaders
  readonly serverName: string | false | null | undefined
  /** Fingerprint of the client's certificate. */
  readonly certificate: string | undefined
  readonly isProxied: boolean
}

/** An API server with TLS and a proxy before it; `ask` reads the kubeconfig anew and gives what the server saw. */
async function setUp(t: TestContext) {
  const directory = temporaryDirectory(t)
  let seen: Seen | undefined
  let isProxied = false
  const server = https.createServer({ ...tls, requestCert: true, rejectUnauthorized: false }, (request, response) => {
    const socket = request.socket as TLSSocket
    const { headers } = request
    seen = {
      headers,
      serverName: socket.servername,
      certificate: socket.getPeerCertificate()?.fingerprint256,
      isProxied,
    }
    response.end('{}')
  })
  const proxy = http.createServer().on('connect', (request, socket) => {
    isProxied = true
    const onward = connect(Number(request.url?.split(':')[1]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      onward.pipe(socket).pipe(onward)
    })
    socket.on('error', () => onward.destroy())
    onward.on('error', () => socket.destroy())
  })
  const ports: number[] = []
  for (const each of [server, proxy]) {
    await new Promise<void>((resolve) => each.listen(0, '127.0.0.1', resolve))
    t.after(() => {
      each.closeAllConnections()
      each.close()
    })
    ports.push((each.address() as AddressInfo).port)
  }
  const [url, proxyUrl] = [`https://127.0.0.1:${ports[0]}`, `http://127.0.0.1:${ports[1]}`]
  const file = join(directory, 'config')
  const clock = new ManualClock()
  const open = (cluster: object, user: object) => {
    writeFileSync(file, kubeconfig({ server: url, 'certificate-authority-data': base64(tls.cert), ...cluster }, user))
    return new KubeClient({ kind: 'kubeconfig', files: [file] }, { clock, env: process.env })
  }
  const askWith = async (client: KubeClient) => {
    const { body } = await client.get('/api/v1/pods', {}, never)
    for await (const _ of body);
    assert.ok(seen)
    return seen
  }
  const ask = async (cluster: object, user: object) => await askWith(open(cluster, user))
  return { directory, url, proxyUrl, clock, open, ask, askWith }
}

type Case = [what: string, cluster: object, user: object, seen: (seen: Seen) => unknown, expected: unknown]
const bearer = ({ headers }: Seen) => headers.authorization
const files = { 'tls.crt': tls.cert, 'other.crt': other.cert, 'other.key': other.key, token: 'of-file\n' }

describe('a field of a kubeconfig does what kubectl documents', () => {
  const fingerprint = ({ certificate }: Seen) => certificate !== undefined
  const cases: Case[] = [
    ['token', {}, { token: 'a' }, bearer, 'Bearer a'],
    ['tokenFile, from the directory of the kubeconfig', {}, { tokenFile: 'token' }, bearer, 'Bearer of-file'],
    ['tokenFile before token', {}, { token: 'a', tokenFile: 'token' }, bearer, 'Bearer of-file'],
    ['token where tokenFile cannot be read', {}, { token: 'a', tokenFile: 'nowhere' }, bearer, 'Bearer a'],
    ['username and password', {}, { username: 'u', password: 'p' }, bearer, `Basic ${base64('u:p')}`],
    [
      'certificate-authority',
      { 'certificate-authority-data': '', 'certificate-authority': 'tls.crt' },
      {},
      bearer,
      undefined,
    ],
    ['certificate-authority-data before the file', { 'certificate-authority': 'other.crt' }, {}, bearer, undefined],
    [
      'insecure-skip-tls-verify',
      { 'certificate-authority-data': '', 'insecure-skip-tls-verify': true },
      {},
      bearer,
      undefined,
    ],
    [
      'client-certificate and client-key',
      {},
      { 'client-certificate': 'other.crt', 'client-key': 'other.key' },
      fingerprint,
      true,
    ],
    [
      'client-certificate-data and client-key-data before the files',
      {},
      {
        'client-certificate': 'nowhere',
        'client-key': 'nowhere',
        'client-certificate-data': base64(other.cert),
        'client-key-data': base64(other.key),
      },
      fingerprint,
      true,
    ],
    ['no client certificate', {}, {}, fingerprint, false],
    [
      'tls-server-name',
      { 'tls-server-name': 'api.example', 'certificate-authority-data': '', 'insecure-skip-tls-verify': true },
      {},
      ({ serverName }) => serverName,
      'api.example',
    ],
    [
      'disable-compression',
      { 'disable-compression': true },
      {},
      ({ headers }) => headers['accept-encoding'],
      undefined,
    ],
    ['as', {}, { as: 'jane' }, ({ headers }) => headers['impersonate-user'], 'jane'],
    ['as-uid', {}, { as: 'jane', 'as-uid': '1-2' }, ({ headers }) => headers['impersonate-uid'], '1-2'],
    ['as-groups', {}, { as: 'jane', 'as-groups': ['a', 'b'] }, ({ headers }) => headers['impersonate-group'], 'a, b'],
    [
      'as-user-extra',
      {},
      { as: 'jane', 'as-user-extra': { 'acme.com/project': ['x', 'y'] } },
      ({ headers }) => headers['impersonate-extra-acme.com%2fproject'],
      'x, y',
    ],
  ]
  for (const [what, cluster, user, read, expected] of cases) {
    test(what, async (t) => {
      const { directory, ask } = await setUp(t)
      for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
      assert.equal(read(await ask(cluster, user)), expected)
    })
  }

  test('proxy-url', async (t) => {
    const { ask, proxyUrl } = await setUp(t)
    assert.equal((await ask({ 'proxy-url': proxyUrl }, {})).isProxied, true)
  })

  test('certificate-authority that did not vouch for the server refuses it', async (t) => {
    const { ask } = await setUp(t)
    await assert.rejects(ask({ 'certificate-authority-data': base64(other.cert) }, {}), { code: 'KUBE_UNREACHABLE' })
  })

  test('tokenFile is read again within a minute of its change', async (t) => {
    const { directory, open, askWith, clock } = await setUp(t)
    writeFileSync(join(directory, 'token'), 'first')
    const client = open({}, { tokenFile: 'token' })
    assert.equal(bearer(await askWith(client)), 'Bearer first')
    writeFileSync(join(directory, 'token'), 'the second')
    clock.advance(60_000)
    assert.equal(bearer(await askWith(client)), 'Bearer the second')
  })

  test('of several files the first that has a name gives all of it', async (t) => {
    const { directory, url, askWith } = await setUp(t)
    const [empty, first, second] = ['0', '1', '2'].map((name) => join(directory, name)) as [string, string, string]
    writeFileSync(empty, '')
    writeFileSync(first, JSON.stringify({ users: [{ name: 'here', user: { token: 'first' } }] }))
    writeFileSync(
      second,
      kubeconfig({ server: url, 'certificate-authority-data': base64(tls.cert) }, { token: 'second', as: 'jane' }),
    )
    const source = { kind: 'kubeconfig', files: [empty, first, second] } as const
    const { headers } = await askWith(new KubeClient(source, { clock: new ManualClock(), env: {} }))
    assert.equal(headers.authorization, 'Bearer first')
    assert.equal(headers['impersonate-user'], undefined)
  })
})

describe('what cannot work is an error at the start', () => {
  const server = 'https://127.0.0.1:1'
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'x', interactiveMode: 'Never' }
  const cases: [object, object, RegExp][] = [
    [{}, {}, /clusters\.here\.server is missing/],
    [{ server: 'ftp://x' }, {}, /server ftp:\/\/x is no http or https URL/],
    [{ server, 'proxy-url': 'ftp://x' }, {}, /clusters\.here\.proxy-url must begin with/],
    [{ server, 'insecure-skip-tls-verify': 'yes' }, {}, /insecure-skip-tls-verify must be true or false/],
    [{ server, 'certificate-authority': 'nowhere' }, {}, /certificate-authority cannot be read: ENOENT/],
    [{ server }, { tokenFile: 'nowhere' }, /users\.here\.tokenFile cannot be read: ENOENT/],
    [{ server }, { token: 5 }, /users\.here\.token must be a string/],
    [{ server }, { token: 'a', username: 'b' }, /username cannot be combined with a token/],
    [{ server }, { 'client-certificate-data': 'x' }, /client-key is missing, but there is a certificate/],
    [{ server }, { 'as-groups': ['a'] }, /users\.here\.as is required with as-uid, as-groups or as-user-extra/],
    [{ server }, { as: 'a', 'as-user-extra': { x: 'y' } }, /users\.here\.as-user-extra\.x must be a list/],
    [{ server }, { 'auth-provider': { name: 'abacus' } }, /auth-provider\.name must be one of oidc, gcp, azure/],
    [{ server }, { 'auth-provider': { name: 'oidc' }, exec }, /auth-provider cannot be combined with exec/],
    [{ server }, { exec: { ...exec, command: '' } }, /users\.here\.exec\.command is missing/],
    [
      { server },
      { exec: { ...exec, apiVersion: 'client.authentication.k8s.io/v1alpha1' } },
      /apiVersion must be one of/,
    ],
    [
      { server },
      { exec: { ...exec, interactiveMode: 'Always' } },
      /interactiveMode is Always, but Loggy runs plugins without/,
    ],
    [
      { server },
      { exec: { ...exec, interactiveMode: undefined } },
      /interactiveMode must be one of Never, IfAvailable, Always/,
    ],
  ]
  for (const [cluster, user, message] of cases) {
    test(String(message), (t) => {
      const file = join(temporaryDirectory(t), 'config')
      writeFileSync(file, kubeconfig(cluster, user))
      const open = () => new KubeClient({ kind: 'kubeconfig', files: [file] }, { clock: new ManualClock(), env: {} })
      assert.throws(open, (error) => message.test(describeError(error)) && describeError(error).includes(file))
    })
  }

  test('names that lead nowhere', (t) => {
    const file = join(temporaryDirectory(t), 'config')
    const open = (tree: object, context?: string) => {
      writeFileSync(file, JSON.stringify(tree))
      const parts = { clock: new ManualClock(), env: {} }
      return new KubeClient({ kind: 'kubeconfig', files: [file], context }, parts)
    }
    const says = (message: RegExp) => (error: unknown) => message.test(describeError(error))
    const contexts = [{ name: 'a', context: { cluster: 'c', user: 'u' } }]
    const clusters = [{ name: 'c', cluster: { server } }]
    assert.throws(() => open({}), says(/no current-context/))
    assert.throws(() => open({ 'current-context': 'b', contexts }), says(/no context 'b'; its contexts: a/))
    assert.throws(() => open({ contexts }, 'a'), says(/no cluster 'c'; its clusters: none/))
    assert.throws(() => open({ contexts, clusters }, 'a'), says(/no user 'u'; its users: none/))
  })
})

describe('an exec plugin', () => {
  /** A program beside the kubeconfig that notes how it was called and prints what it is given. */
  async function setUpPlugin(t: TestContext, credential: object) {
    const node = await setUp(t)
    mkdirSync(join(node.directory, 'bin'))
    const notes = join(node.directory, 'notes')
    const script = `#!${process.execPath}
const { appendFileSync, readFileSync } = require('node:fs')
const { KUBERNETES_EXEC_INFO: info, GREETING: greeting } = process.env
appendFileSync(${JSON.stringify(notes)}, JSON.stringify({ info: JSON.parse(info), greeting, args: process.argv.slice(2), input: readFileSync(0, 'utf8') }) + '\\n')
process.stdout.write(${JSON.stringify(JSON.stringify(credential))})
`
    writeFileSync(join(node.directory, 'bin', 'plugin.cjs'), script, { mode: 0o755 })
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: './bin/plugin.cjs',
      interactiveMode: 'IfAvailable',
    }
    const calls = () =>
      readFileSync(notes, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    return { ...node, exec, calls }
  }
  const credentialOf = (status: object) => ({
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    status,
  })

  test('is run from the directory of the kubeconfig with args, env and no standard input', async (t) => {
    const { ask, exec, calls } = await setUpPlugin(t, credentialOf({ token: 'made' }))
    const env = [{ name: 'GREETING', value: 'hello' }]
    assert.equal(bearer(await ask({}, { exec: { ...exec, args: ['-x', 'y'], env } })), 'Bearer made')
    const info = { apiVersion: exec.apiVersion, kind: 'ExecCredential', spec: { interactive: false } }
    assert.deepEqual(calls(), [{ info, greeting: 'hello', args: ['-x', 'y'], input: '' }])
  })

  test('is told of the cluster with provideClusterInfo', async (t) => {
    const { ask, exec, calls, directory, url } = await setUpPlugin(t, credentialOf({ token: 'made' }))
    writeFileSync(join(directory, 'tls.crt'), tls.cert)
    const extensions = [{ name: 'client.authentication.k8s.io/exec', extension: { audience: 'a' } }]
    const cluster = {
      'certificate-authority-data': '',
      'certificate-authority': 'tls.crt',
      'disable-compression': true,
      extensions,
    }
    await ask(cluster, { exec: { ...exec, provideClusterInfo: true } })
    assert.deepEqual(calls()[0].info.spec.cluster, {
      server: url,
      'certificate-authority-data': base64(tls.cert),
      'disable-compression': true,
      config: { audience: 'a' },
    })
  })

  test('gives a client certificate', async (t) => {
    const status = { clientCertificateData: other.cert, clientKeyData: other.key }
    const { ask, exec } = await setUpPlugin(t, credentialOf(status))
    assert.ok((await ask({}, { exec })).certificate)
  })

  test('is run once for requests that begin together, and again when its token has expired', async (t) => {
    const status = { token: 'made', expirationTimestamp: new Date(1000).toISOString() }
    const { open, askWith, exec, calls, clock } = await setUpPlugin(t, credentialOf(status))
    const client = open({}, { exec })
    await Promise.all([askWith(client), askWith(client)])
    assert.equal(calls().length, 1)
    clock.advance(1000)
    await assert.rejects(askWith(client), (error) => /already expired/.test(describeError(error)))
    assert.equal(calls().length, 2)
  })

  test('is not run where a token stands beside it', async (t) => {
    const { ask, exec } = await setUpPlugin(t, {})
    assert.equal(bearer(await ask({}, { exec, token: 'a' })), 'Bearer a')
  })

  const faults: [string, object, object, RegExp][] = [
    [
      'that is not installed names its hint',
      {},
      { command: 'loggy-no-such', installHint: 'get it at x' },
      /loggy-no-such is not installed: get it at x/,
    ],
    [
      'that prints something else',
      { a: 1 },
      {},
      /its output is no ExecCredential of client\.authentication\.k8s\.io\/v1/,
    ],
    [
      'of another version',
      credentialOf({ token: 'x' }),
      { apiVersion: 'client.authentication.k8s.io/v1beta1' },
      /no ExecCredential of .*v1beta1/,
    ],
    ['that gives nothing', credentialOf({}), {}, /neither a token nor a certificate/],
    ['that gives half a pair', credentialOf({ clientKeyData: 'x' }), {}, /but not both/],
  ]
  for (const [what, credential, change, message] of faults) {
    test(`one ${what} is said so`, async (t) => {
      const { ask, exec } = await setUpPlugin(t, credential)
      await assert.rejects(ask({}, { exec: { ...exec, ...change } }), (error) => message.test(describeError(error)))
    })
  }
})
