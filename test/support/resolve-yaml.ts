import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { type ResolvedConfig, resolveConfig } from '../../src/config/load.ts'
import { temporaryDirectory } from './temporary-directory.ts'

/** What an agent makes of the text of a configuration file. Rejects with a ConfigError if it is invalid. */
export async function resolveYaml(t: TestContext, yaml: string): Promise<ResolvedConfig> {
  const file = join(temporaryDirectory(t), 'loggy.yaml')
  writeFileSync(file, yaml)
  return await resolveConfig({ file, env: { NODE_NAME: 'node' }, flags: {} })
}
