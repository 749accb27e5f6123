/** Writes dist/: the program as the image runs it, loggy.mjs and a part for each command, loaded when it is called. */
import { rm } from 'node:fs/promises'
import { bundle } from './bundle.ts'

await rm('dist', { recursive: true, force: true })
await bundle({ loggy: 'src/main.ts' }, 'dist')
