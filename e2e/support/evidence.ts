import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { kubectl, kubectlJson } from './kubectl.ts'

/** Lines of each log: enough to see an end, not a flood. */
const LOG_LINES = '--tail=2000'

/** Puts the events, the objects and the logs of a namespace into the folder, for who looks into a failure. */
export async function collectEvidence(namespace: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const inNamespace = ['--namespace', namespace]
  await save(join(folder, 'events.txt'), 'get', 'events', '--sort-by=.lastTimestamp', '--output=wide', ...inNamespace)
  await save(join(folder, 'objects.yaml'), 'get', 'all,configmaps', '--output=yaml', ...inNamespace)
  for (const pod of await podsOf(namespace)) {
    const name = join(folder, pod.slice(0, 200))
    const which = ['logs', pod, '--all-containers', '--timestamps', LOG_LINES, ...inNamespace]
    await save(`${name}.log`, ...which)
    await save(`${name}.previous.log`, ...which, '--previous')
  }
}

async function podsOf(namespace: string): Promise<string[]> {
  const { items } = await kubectlJson<{ items: { metadata: { name: string } }[] }>(
    ...['get', 'pods', '--namespace', namespace],
  ).catch(() => ({ items: [] }))
  return items.map(({ metadata }) => metadata.name)
}

/** What cannot be had is said in its file: a failure here must not hide the one that is looked into. */
async function save(path: string, ...args: string[]): Promise<void> {
  await writeFile(path, await kubectl(...args).catch((error: Error) => `${error.message}\n`))
}
