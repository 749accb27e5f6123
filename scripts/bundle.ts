/** How the program is bundled: what the image and `dist/` hold, and what the benches measure. */
import { copyFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'

/** Of the Kubernetes client's dependencies: nothing that Loggy calls uses them, since its requests go through node:https, and it reads YAML itself. */
const absent: Readonly<Record<string, readonly string[]>> = {
  undici: ['Agent', 'ProxyAgent', 'fetch'],
  'js-yaml': ['load'],
}

/** What only some set-ups need: a proxy, an authentication provider in a kubeconfig, a pattern of the user. */
const seldomUsed = ['hpagent', 'jsonpath-plus', 'openid-client', 're2js', 'socks', 'socks-proxy-agent']

/** Node's own modules that not every set-up needs, or not at once: together they take 3 MB. */
const heavyBuiltins = ['child_process', 'crypto', 'https', 'tls', 'zlib'].map((name) => `node:${name}`)

/**
 * Loggy takes the connection and the credentials of the Kubernetes client, not its API. Without the API's 700 classes, which
 * the package does not declare free of side effects, and without undici the bundle is half as large and the process 15 MB smaller.
 */
const slimKubernetesClient: Plugin = {
  name: 'slim-kubernetes-client',
  setup({ onLoad, onResolve }) {
    // Loggy has its own, and this one loads node:child_process when it is created, which is always.
    onResolve({ filter: /^\.\/exec_auth\.js$/ }, ({ path }) => ({ path, namespace: 'no-provider' }))
    onLoad({ filter: /./, namespace: 'no-provider' }, () => ({
      contents: 'export class ExecAuth { isAuthProvider() { return false } }',
    }))
    // Its modules name each other by whole paths. Asking esbuild's `resolve` for each cost 19 s of CPU.
    onResolve({ filter: /^\./ }, ({ path, importer, resolveDir }) =>
      importer.includes('@kubernetes/client-node') ? { path: join(resolveDir, path), sideEffects: false } : undefined,
    )
    onResolve({ filter: /^[a-z-]+$/ }, ({ path, importer }) =>
      path in absent && importer.includes('@kubernetes/client-node') ? { path, namespace: 'absent' } : undefined,
    )
    onLoad({ filter: /./, namespace: 'absent' }, ({ path }) => ({
      contents: `
        const absent = () => { throw new Error('${path} is left out of the bundle: scripts/bundle.ts') }
        export { ${absent[path]?.map((name) => `absent as ${name}`).join(', ')} }
      `,
    }))
  },
}

/** An import of a package loads and runs all of it. Each of these is a part of its own, loaded when something of it is used. */
const loadedWhenUsed: Plugin = {
  name: 'loaded-when-used',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: new RegExp(`^(${seldomUsed.join('|')})$`) }, ({ path, namespace, kind }) =>
      kind === 'import-statement' && namespace !== 'part' ? { path, namespace: 'when-used' } : undefined,
    )
    onLoad({ filter: /./, namespace: 'when-used' }, async ({ path }) => {
      const names = Object.keys(await import(path)).map((name) => `'${name}'`)
      const members = names.map((name) => `get ${name}() { return require('./packages/${path}.mjs')[${name}] }`)
      return { contents: `module.exports = { ${members.join(', ')} }` }
    })
    onResolve({ filter: /^\.\/packages\// }, ({ path }) => ({ path, external: true }))
    onResolve({ filter: /^part:/ }, ({ path }) => ({ path: path.replace('part:', ''), namespace: 'part' }))
    onLoad({ filter: /./, namespace: 'part' }, ({ path }) => ({
      contents: `import * as members from '${path}'; export { members as 'module.exports' }`, // what `require` returns
      resolveDir: import.meta.dirname,
    }))
  },
}

/** winston brings a copy of Node 10's streams. Node's own are in the process anyway. */
const ownStreams: Plugin = {
  name: 'own-streams',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^readable-stream(\/|$)/ }, ({ path }) => ({ path, namespace: 'streams' }))
    onLoad({ filter: /./, namespace: 'streams' }, ({ path }) => {
      const member = path.endsWith('/_stream_writable.js') ? '.Writable' : ''
      return { contents: `module.exports = process.getBuiltinModule('node:stream')${member}` }
    })
  },
}

/**
 * An import of one of Node's modules reads all its members, and some of these load others when they are read: `WebSocket` of node:http
 * the whole of Node's own undici. With `getBuiltinModule` only those are read that somebody imports, and of a heavy module none: it is
 * loaded when one of its functions is called, or a member of `import https` is read.
 * `import * as http`, handed on as a whole, is everything.
 */
const unreadBuiltins: Plugin = {
  name: 'unread-builtins',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^(node:)?[a-z0-9_/]+$/ }, ({ path, kind }) =>
      kind === 'import-statement' && isBuiltin(path) ? { path, namespace: 'builtin' } : undefined,
    )
    onLoad({ filter: /./, namespace: 'builtin' }, ({ path }) => {
      const isHeavy = heavyBuiltins.includes(path)
      const members = process.getBuiltinModule(path) ?? {}
      const exported = Object.keys(members).map((name) => {
        const isCalled = isHeavy && isPlainFunction(Reflect.get(members, name))
        const value = isCalled ? `(...values) => builtin().${name}(...values)` : `builtin().${name}`
        return `const _${name} = /* @__PURE__ */ (() => ${value})(); export { _${name} as ${name} }`
      })
      return {
        contents: `
          let loaded
          const builtin = () => (loaded ??= process.getBuiltinModule('${path}'))
          export default ${isHeavy ? '/* @__PURE__ */ new Proxy({}, { get: (_, name) => builtin()[name] })' : 'builtin()'}
          ${exported.join('\n')}
        `,
      }
    })
  },
}

/** Not a class, and without members of its own, such as the other form of it that `promisify` finds. */
function isPlainFunction(value: unknown): boolean {
  if (typeof value !== 'function' || /^[A-Z]/.test(value.name)) return false
  return Reflect.ownKeys(value).every((key) => ['length', 'name', 'prototype'].includes(String(key)))
}

/**
 * Writes the modules into `outdir`, and beside them parts that are loaded on demand, the kernel, gzip and the live page; without `outdir`
 * nothing is written. Resolves with the files that the modules were made of.
 */
export async function bundle(
  entryPoints: Readonly<Record<string, string>>,
  outdir: string | undefined,
): Promise<readonly string[]> {
  const { metafile } = await build({
    entryPoints: {
      ...entryPoints,
      ...Object.fromEntries(seldomUsed.map((name) => [`packages/${name}`, `part:${name}`])),
    },
    outdir: outdir ?? 'nowhere',
    write: outdir !== undefined,
    metafile: true,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true, // in one file nothing of what is imported on demand could be left out: 600 KB and 6 MB more
    platform: 'node',
    target: 'node22', // the oldest of package.json
    format: 'esm',
    minifySyntax: true,
    minifyWhitespace: true, // but not names: stack traces stay readable
    logLevel: 'warning',
    // CommonJS dependencies ask for Node's own modules by require, which a module does not have.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    define: { 'process.env.NODE_ENV': '"production"' }, // winston's packages have code for development
    plugins: [slimKubernetesClient, loadedWhenUsed, ownStreams, unreadBuiltins],
  })
  if (outdir !== undefined) {
    await copyFile('src/kernel/kernel.wasm', join(outdir, 'kernel.wasm'))
    await copyFile('src/gzip/gzip.wasm', join(outdir, 'gzip.wasm'))
    await copyFile('src/api/page.html', join(outdir, 'page.html'))
  }
  return Object.keys(metafile.inputs)
}
