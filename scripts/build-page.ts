/** Writes src/api/page.html: the live page with its script and its style in it, as the agent serves it. */
import { readFile, writeFile } from 'node:fs/promises'
import { build } from 'esbuild'

const { outputFiles } = await build({
  entryPoints: ['src/page/page.ts', 'src/page/page.css'],
  outdir: 'page', // nothing is written there
  write: false,
  bundle: true,
  minify: true,
  format: 'iife',
  target: ['chrome123', 'firefox120', 'safari17.5'], // the first with light-dark()
  logLevel: 'warning',
})
const script = textOf('.js')
const style = textOf('.css')
// Nothing in it depends on the space that lines begin with.
const page = (await readFile('src/page/page.html', 'utf8')).replaceAll(/\n +/g, '\n')
// By functions, since a replacement's text has patterns of its own; esbuild writes no `</script` into a script.
const whole = page
  .replace('<style></style>', () => `<style>${style.trim()}</style>`)
  .replace('<script></script>', () => `<script>${script.trim()}</script>`)
await writeFile('src/api/page.html', whole)

function textOf(extension: string): string {
  return outputFiles.find(({ path }) => path.endsWith(extension))?.text ?? ''
}
