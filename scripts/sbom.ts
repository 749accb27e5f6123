/** Writes dist/sbom.cdx.json: the packages whose code is in the bundle, as CycloneDX. `npm sbom` alone would list what only builds it. */
import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { bundle } from './bundle.ts'
import { packagesIn } from './bundled-packages.ts'

interface Bom {
  readonly metadata: { readonly component: { readonly 'bom-ref': string } }
  readonly components: readonly { readonly 'bom-ref': string; readonly name: string; readonly version: string }[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[]
}

const packages = await packagesIn(await bundle({ loggy: 'src/main.ts' }, undefined))
const args = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application']
const bom: Bom = JSON.parse(execFileSync('npm', args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }))

const shipped = new Set(packages.map(({ name, version }) => `${name}@${version}`))
const components = bom.components.filter(({ name, version }) => shipped.has(`${name}@${version}`))
if (components.length < shipped.size)
  throw new Error(`npm sbom knows only ${components.length} of ${shipped.size} packages`)
const refs = new Set([bom.metadata.component['bom-ref'], ...components.map((component) => component['bom-ref'])])
const dependencies = bom.dependencies
  .filter(({ ref }) => refs.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((on) => refs.has(on)) }))
await writeFile('dist/sbom.cdx.json', `${JSON.stringify({ ...bom, components, dependencies }, undefined, 2)}\n`)
