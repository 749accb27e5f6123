/** How the program is bundled: what the image and `dist/` hold, and what the benches measure. */
import { copyFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'

/** What stands in for undici: nothing that Loggy calls creates one, since its requests go through node:https. */
const absentUndici = `
  const absent = () => { throw new Error('undici is left out of the bundle: scripts/bundle.ts') }
  export { absent as Agent, absent as ProxyAgent, absent as fetch }
`

/**
 * Loggy takes the connection and the credentials of the Kubernetes client, not its API. Without the API's 700 classes, which
 * the package does not declare free of side effects, and without undici the bundle is half as large and the process 15 MB smaller.
 */
const slimKubernetesClient: Plugin = {
  name: 'slim-kubernetes-client',
  setup({ onLoad, onResolve }) {
    // Its modules name each other by whole paths. Asking esbuild's `resolve` for each cost 19 s of CPU.
    onResolve({ filter: /^\./ }, ({ path, importer, resolveDir }) =>
      importer.includes('@kubernetes/client-node') ? { path: join(resolveDir, path), sideEffects: false } : undefined,
    )
    onResolve({ filter: /^undici$/ }, ({ importer }) =>
      importer.includes('@kubernetes/client-node') ? { path: 'undici', namespace: 'absent' } : undefined,
    )
    onLoad({ filter: /^undici$/, namespace: 'absent' }, () => ({ contents: absentUndici }))
  },
}

/**
 * An import of one of Node's modules reads all its members, and some of these load others when they are read: `WebSocket` of node:http
 * the whole of Node's own undici. `getBuiltinModule` reads none, which saves 35 ms of CPU at the start and 2.6 MB.
 */
const unreadBuiltins: Plugin = {
  name: 'unread-builtins',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^(node:)?[a-z0-9_/]+$/ }, ({ path, kind }) =>
      kind === 'import-statement' && isBuiltin(path) ? { path, namespace: 'builtin' } : undefined,
    )
    onLoad({ filter: /./, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('${path}')`,
    }))
  },
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
    entryPoints: { ...entryPoints },
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
    plugins: [slimKubernetesClient, unreadBuiltins],
  })
  if (outdir !== undefined) {
    await copyFile('src/kernel/kernel.wasm', join(outdir, 'kernel.wasm'))
    await copyFile('src/gzip/gzip.wasm', join(outdir, 'gzip.wasm'))
    await copyFile('src/api/page.html', join(outdir, 'page.html'))
  }
  return Object.keys(metafile.inputs)
}
