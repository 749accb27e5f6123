/** Which packages have code in the bundle, the page or the kernel: for their licences, and for the list of what is shipped. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A package as it is installed. */
export interface BundledPackage {
  readonly name: string
  readonly version: string
  /** Its folder. */
  readonly path: string
}

/** In the page, which scripts/build-page.ts makes, and in the kernel, whose compiler adds some code of its own. */
const ELSEWHERE = ['node_modules/eventsource-parser', 'node_modules/assemblyscript']

/** The packages of the files that a bundle was made of, by name. */
export async function packagesIn(inputs: readonly string[]): Promise<readonly BundledPackage[]> {
  const folders = inputs.flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0] ?? [])
  const packages = [...new Set([...folders, ...ELSEWHERE])].map(async (path) => {
    const { name, version } = JSON.parse(await readFile(join(path, 'package.json'), 'utf8'))
    return { name: String(name), version: String(version), path }
  })
  return (await Promise.all(packages)).sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Their licences, which ask to be passed on with the code. */
export async function notices(packages: readonly BundledPackage[]): Promise<string> {
  const texts = packages.map(async ({ name, version, path }) => {
    const file = (await readdir(path)).find((entry) => /^licen[cs]e/i.test(entry))
    const { license } = JSON.parse(await readFile(join(path, 'package.json'), 'utf8'))
    const text = file === undefined ? `License: ${license}` : (await readFile(join(path, file), 'utf8')).trim()
    return `${name} ${version}\n\n${text}\n`
  })
  return (await Promise.all(texts)).join(`\n${'-'.repeat(80)}\n\n`)
}
