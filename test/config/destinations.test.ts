import assert from 'node:assert/strict'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadConfig } from '../../src/config/load.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const root = join(import.meta.dirname, '../../docs/destinations')

for (const name of globSync('*.md', { cwd: root })) {
  test(`each configuration in docs/destinations/${name} is valid`, async (t) => {
    const blocks = [...readFileSync(join(root, name), 'utf8').matchAll(/```yaml\n(.*?)```/gs)]
    assert.ok(blocks.length > 0)
    for (const [, yaml = ''] of blocks) {
      const file = join(temporaryDirectory(t), 'loggy.yaml')
      writeFileSync(file, yaml)
      assert.notEqual((await loadConfig({ file, env: { NODE_NAME: 'node' }, flags: {} })).sink.type, 'stdout')
    }
  })
}
