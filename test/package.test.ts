import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import manifest from '../package.json' with { type: 'json' }
import { bundle } from '../scripts/bundle.ts'
import { kubeconfig } from './support/kubeconfig.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

const root = join(import.meta.dirname, '..')

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function run(file: string, argv: readonly string[], cwd: string): Promise<Outcome> {
  // Without what a surrounding `npm run` tells about itself, and what tests are told.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_TEST|LOGGY_)/.test(name)))
  return new Promise((resolve) => {
    execFile(file, argv, { cwd, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })
}

async function succeeds(file: string, argv: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await run(file, argv, cwd)
  assert.equal(code, 0, stderr)
  return stdout
}

/** What `npm publish` would send, without the list of packages, which takes seconds to make. */
async function packed(t: TestContext): Promise<{ readonly archive: string; readonly files: readonly string[] }> {
  const folder = temporaryDirectory(t)
  for (const name of ['package.json', 'README.md', 'LICENSE', 'bin']) {
    cpSync(join(root, name), join(folder, name), { recursive: true })
  }
  await bundle({ loggy: join(root, 'src/main.ts') }, join(folder, 'dist'))
  const told = await succeeds('npm', ['pack', '--ignore-scripts', '--json'], folder)
  const [{ filename, files }] = Object.values<{ filename: string; files: { path: string }[] }>(JSON.parse(told)) as [
    { filename: string; files: { path: string }[] },
  ]
  return { archive: join(folder, filename), files: files.map(({ path }) => path) }
}

test('the package is the bundle: it needs no other package and runs nothing when it is installed', async (t) => {
  const { archive, files } = await packed(t)
  const parts = files.filter((file) => !/^dist\/([\w-]+-\w{8}|packages\/[\w-]+)\.mjs$/.test(file))
  const made = ['gzip.wasm', 'kernel.wasm', 'loggy.mjs', 'page.html'].map((name) => `dist/${name}`)
  const expected = ['LICENSE', 'README.md', 'bin/loggy.mjs', ...made]
  assert.deepEqual(parts.sort(), [...expected, 'package.json'])
  const scripts = Object.keys(manifest.scripts).filter((name) => /^(pre|post)?(install|prepare)$/.test(name))
  assert.deepEqual(scripts, [])

  // As a person does in an empty folder; offline, so that nothing else can be fetched.
  const folder = temporaryDirectory(t)
  const npm = ['install', '--offline', '--no-audit', '--no-fund', archive]
  await succeeds('npm', npm, folder)
  const demo = async (seconds: number) => {
    const shown = await succeeds('npx', ['loggy', 'demo', '--json', '--seconds', String(seconds)], folder)
    return shown.trimEnd().split('\n')
  }
  const soon = await demo(4)
  const entries = soon.length > 10 ? soon : await demo(12) // a busy machine takes longer to start it
  assert.ok(entries.length > 10)
  for (const entry of entries) assert.equal(typeof JSON.parse(entry).kubernetes.pod, 'string')
  assert.match(await succeeds('npx', ['kubectl-loggy', 'tail', '--help'], folder), /^Usage: kubectl loggy tail /)
  assert.match(await succeeds('npx', ['kubectl_complete-loggy', 'exp'], folder), /^explain\t.*\n:4\n$/)
})

/** The port of a server that ends with the test. */
async function portOf(t: TestContext, server: net.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return (server.address() as net.AddressInfo).port
}

test('packages that only some set-ups need are in the bundle, and loaded when they are needed', async (t) => {
  const folder = temporaryDirectory(t)
  await bundle({ loggy: join(root, 'src/main.ts') }, join(folder, 'dist'))
  const seen: unknown[] = []
  const api = http.createServer((request, response) => {
    seen.push(request.headers.authorization)
    response.writeHead(404).end('{}')
  })
  const socks = net.createServer((socket) => socket.once('data', (bytes) => seen.push(bytes[0]) && socket.destroy()))
  const server = `http://127.0.0.1:${await portOf(t, api)}`
  const explain = async (cluster: object, user: object) => {
    const file = join(folder, 'config')
    writeFileSync(file, kubeconfig(cluster, user))
    return await run(process.execPath, ['dist/loggy.mjs', 'explain', 'a/b', '--kubeconfig', file], folder)
  }
  await explain({ server, 'proxy-url': `socks5://127.0.0.1:${await portOf(t, socks)}` }, {})
  const config = {
    'cmd-path': 'echo',
    'cmd-args': `'{"a":{"token":"abc","expiry":"2099-01-01T00:00:00Z"}}'`,
    'token-key': '{.a.token}',
    'expiry-key': '{.a.expiry}',
  }
  await explain({ server }, { 'auth-provider': { name: 'gcp', config } })
  assert.deepEqual(seen, [5, 'Bearer abc'])

  const part = (text: string) => Buffer.from(text).toString('base64url')
  const expired = {
    'client-id': 'i',
    'refresh-token': 'r',
    'idp-issuer-url': 'nowhere',
    'id-token': [part('{}'), part('{"exp":1}'), 'x'].join('.'),
  }
  const { stderr } = await explain({ server }, { 'auth-provider': { name: 'oidc', config: expired } })
  assert.match(stderr, /"server" must be an instance of URL/) // what openid-client says to the client that gives it a text

  const pattern = join(folder, 'loggy.yaml')
  writeFileSync(pattern, 'redact: { patterns: { key: "[a" } }')
  const checked = await run(process.execPath, ['dist/loggy.mjs', 'check', '--config', pattern], folder)
  assert.match(checked.stderr, /redact\.patterns/)
  writeFileSync(pattern, 'redact: { patterns: { key: "[a-f]{32}" } }')
  assert.equal((await run(process.execPath, ['dist/loggy.mjs', 'check', '--config', pattern], folder)).code, 0)
})

/** A folder that looks like a checkout to the command; its build writes how often it was made. */
function checkout(t: TestContext): string {
  const folder = temporaryDirectory(t)
  for (const name of ['bin', 'src', 'scripts']) mkdirSync(join(folder, name))
  cpSync(join(root, 'bin/loggy.mjs'), join(folder, 'bin/loggy.mjs'))
  writeFileSync(join(folder, 'src/main.ts'), '')
  writeFileSync(join(folder, 'scripts/build.ts'), '')
  const line = "mkdir -p dist; echo x >>builds; echo 'console.log(process.argv.slice(2))' >dist/loggy.mjs"
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', scripts: { build: line } }))
  return folder
}

test('in a checkout the command builds the bundle when it is missing or older than its sources, and only then', async (t) => {
  const folder = checkout(t)
  const builds = () => readFileSync(join(folder, 'builds'), 'utf8').length / 2
  const first = await run(process.execPath, ['bin/loggy.mjs', 'view', '-f'], folder)
  assert.deepEqual([first.code, first.stdout, builds()], [0, "[ 'view', '-f' ]\n", 1])
  assert.match(first.stderr, /^loggy: building dist\/, because it is missing or older than the sources\n$/)
  const second = await run(process.execPath, ['bin/loggy.mjs'], folder)
  assert.deepEqual(second, { code: 0, stdout: '[]\n', stderr: '' })
  const later = Date.now() / 1000 + 10
  utimesSync(join(folder, 'src/main.ts'), later, later)
  await run(process.execPath, ['bin/loggy.mjs'], folder)
  assert.equal(builds(), 2)
})

test('in a checkout the command says that the build failed, and runs nothing', async (t) => {
  const folder = checkout(t)
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts: { build: 'echo it broke; exit 3' } }))
  const { code, stdout, stderr } = await run(process.execPath, ['bin/loggy.mjs'], folder)
  assert.deepEqual([code, stdout], [1, ''])
  assert.match(stderr, /\nit broke\nloggy: 'npm run build' failed\n$/)
  assert.ok(!existsSync(join(folder, 'dist')))
})

test('a Node that is too old is told so in one line, without a stack trace', async (t) => {
  const folder = temporaryDirectory(t)
  mkdirSync(join(folder, 'bin'))
  cpSync(join(root, 'bin/loggy.mjs'), join(folder, 'bin/loggy.mjs'))
  const older = "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.19.5'})"
  const { code, stderr } = await run(process.execPath, ['--import', older, 'bin/loggy.mjs'], folder)
  assert.equal(code, 1)
  assert.match(stderr, /^loggy needs Node\.js 22\.22 or later; this is 20\.19\.5\.\n$/)
  assert.equal(manifest.engines.node, '>=22.22')
})
