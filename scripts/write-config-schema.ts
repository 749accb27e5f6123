/** `npm run schema`: writes config.schema.json, for editors. A test fails when it is out of date. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configJsonSchema } from './config-json-schema.ts'

const file = join(import.meta.dirname, '../config.schema.json')
writeFileSync(file, `${JSON.stringify(configJsonSchema(), null, 2)}\n`)
