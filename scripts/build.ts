/** Writes dist/: the program as the package and the image have it, loggy.mjs and a part for each command, loaded when it is called. */
import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bundle } from './bundle.ts'
import { notices, packagesIn } from './bundled-packages.ts'

// Elsewhere first: a build that fails leaves the former bundle as it is, and none that is half there looks new.
const made = 'dist.new'
await rm(made, { recursive: true, force: true })
const inputs = await bundle({ loggy: 'src/main.ts' }, made)
await writeFile(join(made, 'THIRD-PARTY.txt'), await notices(await packagesIn(inputs)))
await rm('dist', { recursive: true, force: true })
await rename(made, 'dist')
