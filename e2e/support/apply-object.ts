import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { kubectl } from './kubectl.ts'

/** Applies one object, in that namespace. */
export async function applyObject(object: object, namespace: string): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'loggy-e2e-object-'))
  const file = join(directory, 'object.yaml')
  await writeFile(file, stringify(object))
  await kubectl('apply', '--filename', file, '--namespace', namespace).finally(() => rm(directory, { recursive: true }))
}
