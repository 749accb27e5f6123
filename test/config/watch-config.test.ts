import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { mkdir, mkdtemp, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { loadConfig } from '../../src/config/load.ts'
import type { Config } from '../../src/config/schema.ts'
import { liveDifference, watchConfig } from '../../src/config/watch-config.ts'
import { type Clock, systemClock } from '../../src/lib/clock.ts'
import type { LoggyError } from '../../src/lib/errors.ts'

/** Milliseconds that a condition may take on a busy machine. */
const DEADLINE_MS = 10_000

/** Time that passes twenty times as fast: a look each 50 ms. */
const fastClock: Clock = {
  ...systemClock,
  sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / 20, signal),
}

interface Watched {
  readonly changes: [next: Config, previous: Config][]
  readonly faults: LoggyError[]
  /** How often it was said that nothing has changed. */
  unchanged: number
  loads: number
  /** Asks for the configuration to be read again. */
  reload(): void
  until(condition: () => boolean): Promise<void>
  stop(): Promise<void>
}

async function temporaryDirectory(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'loggy-watch-'))
  t.after(() => rm(directory, { recursive: true }))
  return directory
}

/** Watches with the configuration of the file in force, or with what the file held before. */
async function startWatch(
  t: TestContext,
  file: string | undefined,
  { before, env = {} }: { before?: Config; env?: Record<string, string> } = {},
): Promise<Watched> {
  const abort = new AbortController()
  const loaded = new EventEmitter()
  const load = () => loadConfig({ file, env, flags: {}, hostName: () => 'machine' })
  const watched: Watched = {
    changes: [],
    faults: [],
    unchanged: 0,
    loads: 0,
    reload: () => {},
    async until(condition) {
      while (!condition()) await once(loaded, 'loaded', { signal: AbortSignal.timeout(DEADLINE_MS) })
    },
    async stop() {
      abort.abort()
      await done
    },
  }
  const done = watchConfig({
    file,
    current: before ?? (await load()),
    load: async () => {
      try {
        return await load()
      } finally {
        watched.loads += 1
        // After the watch has taken the outcome in.
        setImmediate(() => loaded.emit('loaded'))
      }
    },
    onChange: (next, previous) => watched.changes.push([next, previous]),
    onUnchanged: () => {
      watched.unchanged += 1
    },
    onFault: (fault) => watched.faults.push(fault),
    onReloadRequest: (reload) => {
      watched.reload = reload
    },
    signal: abort.signal,
    clock: fastClock,
  })
  t.after(() => watched.stop())
  // The first load tells that the watch is in place.
  if (file !== undefined) await watched.until(() => watched.loads > 0)
  return watched
}

function level(name: string): string {
  return `log: { level: ${name} }\n`
}

async function replaceByRename(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text)
  await rename(`${file}.new`, file)
}

/** As the kubelet's atomic writer: a directory named after the time, a link to it, and that link renamed over `..data`. */
async function updateVolume(volume: string, text: string): Promise<void> {
  const link = join(volume, '..data')
  const old = await readlink(link).catch(() => undefined)
  const stamped = (await mkdtemp(join(volume, '..2026_11_22_07_00_00.'))).slice(volume.length + 1)
  await writeFile(join(volume, stamped, 'config.yaml'), text)
  await symlink(stamped, join(volume, '..data_tmp'))
  await rename(join(volume, '..data_tmp'), link)
  if (old === undefined) await symlink(join('..data', 'config.yaml'), join(volume, 'config.yaml'))
  else await rm(join(volume, old), { recursive: true })
}

test('a file that is replaced by rename is loaded again, time after time', async (t) => {
  const file = join(await temporaryDirectory(t), 'config.yaml')
  await writeFile(file, level('info'))
  const watched = await startWatch(t, file)
  for (const [count, name] of ['debug', 'warn', 'error'].entries()) {
    await replaceByRename(file, level(name))
    await watched.until(() => watched.changes.length > count)
  }
  assert.deepEqual(
    watched.changes.map(([next, previous]) => [previous.log.level, next.log.level]),
    [
      ['info', 'debug'],
      ['debug', 'warn'],
      ['warn', 'error'],
    ],
  )
})

test('a file that is written in place is loaded again', async (t) => {
  const file = join(await temporaryDirectory(t), 'config.yaml')
  await writeFile(file, level('info'))
  const watched = await startWatch(t, file)
  await writeFile(file, level('debug'))
  await watched.until(() => watched.changes.at(-1)?.[0].log.level === 'debug')
})

test('a ConfigMap volume is followed through swap after swap of its link', async (t) => {
  const volume = await temporaryDirectory(t)
  await updateVolume(volume, level('info'))
  const watched = await startWatch(t, join(volume, 'config.yaml'))
  for (const [count, name] of ['debug', 'warn', 'error'].entries()) {
    await updateVolume(volume, level(name))
    await watched.until(() => watched.changes.length > count)
    assert.equal(watched.changes.at(-1)?.[0].log.level, name)
  }
  assert.equal(watched.faults.length, 0)
})

test('a ConfigMap volume is followed by a path that leads through the link itself', async (t) => {
  const volume = await temporaryDirectory(t)
  await updateVolume(volume, level('info'))
  const watched = await startWatch(t, join(volume, '..data', 'config.yaml'))
  for (const [count, name] of ['debug', 'warn', 'error'].entries()) {
    await updateVolume(volume, level(name))
    await watched.until(() => watched.changes.length > count)
    assert.equal(watched.changes.at(-1)?.[0].log.level, name)
  }
})

for (const name of ['config.yaml', join('..data', 'config.yaml')]) {
  test(`a ConfigMap volume whose link is gone for a while is taken up when it is whole again: ${name}`, async (t) => {
    const volume = await temporaryDirectory(t)
    await updateVolume(volume, level('info'))
    const watched = await startWatch(t, join(volume, name))
    for (const wanted of ['debug', 'warn']) {
      const faults = watched.faults.length
      const folder = await readlink(join(volume, '..data'))
      await rm(join(volume, '..data'))
      await watched.until(() => watched.faults.length > faults)
      await writeFile(join(volume, folder, 'config.yaml'), level(wanted))
      await symlink(folder, join(volume, '..data'))
      await watched.until(() => watched.changes.at(-1)?.[0].log.level === wanted)
    }
  })

  test(`a volume that is mounted anew is followed: ${name}`, async (t) => {
    const volume = join(await temporaryDirectory(t), 'volume')
    await mkdir(volume)
    await updateVolume(volume, level('info'))
    const watched = await startWatch(t, join(volume, name))
    for (const wanted of ['debug', 'warn']) {
      await rename(volume, `${volume}.old`)
      await mkdir(volume)
      await updateVolume(volume, level(wanted))
      await rm(`${volume}.old`, { recursive: true })
      await watched.until(() => watched.changes.at(-1)?.[0].log.level === wanted)
    }
  })
}

test('a link to a file elsewhere is followed when that file changes', async (t) => {
  const directory = await temporaryDirectory(t)
  const file = join(directory, 'config.yaml')
  await mkdir(join(directory, 'elsewhere'))
  await writeFile(join(directory, 'elsewhere', 'real.yaml'), level('info'))
  await symlink(join('elsewhere', 'real.yaml'), file)
  const watched = await startWatch(t, file)
  await writeFile(join(directory, 'elsewhere', 'real.yaml'), level('debug'))
  await watched.until(() => watched.changes.at(-1)?.[0].log.level === 'debug')
})

test('who asks is told that nothing has changed, each time', async (t) => {
  const file = join(await temporaryDirectory(t), 'config.yaml')
  await writeFile(file, level('info'))
  const watched = await startWatch(t, file)
  assert.equal(watched.unchanged, 0)
  for (const count of [1, 2]) {
    watched.reload()
    await watched.until(() => watched.unchanged === count)
  }
  assert.equal(watched.changes.length, 0)
})

test('who asks is told of a fault again', async (t) => {
  const file = join(await temporaryDirectory(t), 'config.yaml')
  await writeFile(file, level('info'))
  const watched = await startWatch(t, file)
  await replaceByRename(file, level('loud'))
  await watched.until(() => watched.faults.length === 1)
  watched.reload()
  await watched.until(() => watched.faults.length === 2)
})

test('who asks while the configuration is being read is answered by another reading', async () => {
  const current = await loadConfig({ env: {}, flags: {} })
  const abort = new AbortController()
  let [loads, unchanged] = [0, 0]
  let reload = () => {}
  const watching = watchConfig({
    file: undefined,
    current,
    load: async () => {
      loads += 1
      if (loads === 1) reload()
      return current
    },
    onChange: () => assert.fail('a change'),
    onFault: () => assert.fail('a fault'),
    onUnchanged: () => {
      unchanged += 1
      if (unchanged === 2) abort.abort()
    },
    onReloadRequest: (ask) => {
      reload = ask
    },
    signal: AbortSignal.any([abort.signal, AbortSignal.timeout(DEADLINE_MS)]),
    clock: fastClock,
  })
  reload()
  await watching
  assert.deepEqual([loads, unchanged], [2, 2])
})

test('without a file, the environment is read again when someone asks', async (t) => {
  const env: Record<string, string> = {}
  const watched = await startWatch(t, undefined, { env })
  env.LOGGY_LOG_LEVEL = 'debug'
  watched.reload()
  await watched.until(() => watched.changes.at(-1)?.[0].log.level === 'debug')
})

test('the end of a fault is said, also when the configuration is as it was', async (t) => {
  const file = join(await temporaryDirectory(t), 'config.yaml')
  await writeFile(file, level('info'))
  const watched = await startWatch(t, file)
  await rm(file)
  await watched.until(() => watched.faults.length === 1)
  await writeFile(file, level('info'))
  await watched.until(() => watched.unchanged === 1)
  assert.equal(watched.changes.length, 0)
})

test('a directory that is reached through a link is watched', async (t) => {
  const parent = await temporaryDirectory(t)
  await mkdir(join(parent, 'real'))
  await symlink('real', join(parent, 'link'))
  await writeFile(join(parent, 'real', 'config.yaml'), level('info'))
  const watched = await startWatch(t, join(parent, 'link', 'config.yaml'))
  await replaceByRename(join(parent, 'real', 'config.yaml'), level('debug'))
  await watched.until(() => watched.changes.length === 1)
})

test('a change that changes no option is not told', async (t) => {
  const file = join(await temporaryDirectory(t), 'config.yaml')
  await writeFile(file, level('info'))
  const watched = await startWatch(t, file)
  const before = watched.loads
  await replaceByRename(file, `# a comment\n${level('info')}`)
  await watched.until(() => watched.loads > before)
  assert.equal(watched.changes.length, 0)
})

test('a change between the first load and the watch is not missed', async (t) => {
  const file = join(await temporaryDirectory(t), 'config.yaml')
  await writeFile(file, level('debug'))
  const watched = await startWatch(t, file, { before: await loadConfig({ env: {}, flags: {} }) })
  await watched.until(() => watched.changes.length === 1)
  assert.equal(watched.changes[0]?.[0].log.level, 'debug')
})

test('a faulty file is told once, leaves the old configuration in force, and is forgotten once mended', async (t) => {
  const file = join(await temporaryDirectory(t), 'config.yaml')
  await writeFile(file, level('info'))
  const watched = await startWatch(t, file)
  await replaceByRename(file, level('loud'))
  await watched.until(() => watched.faults.length === 1)
  const before = watched.loads
  await replaceByRename(file, level('loud'))
  await watched.until(() => watched.loads > before)
  assert.equal(watched.faults.length, 1)
  assert.equal(watched.faults[0]?.code, 'CONFIG_INVALID')
  assert.equal(watched.changes.length, 0)
  await replaceByRename(file, level('debug'))
  await watched.until(() => watched.changes.length === 1)
  assert.equal(watched.changes[0]?.[1].log.level, 'info')
})

test('a file that goes away is a fault, and is followed when it comes back', async (t) => {
  const file = join(await temporaryDirectory(t), 'config.yaml')
  await writeFile(file, level('info'))
  const watched = await startWatch(t, file)
  await rm(file)
  await watched.until(() => watched.faults.length === 1)
  await writeFile(file, level('debug'))
  await watched.until(() => watched.changes.at(-1)?.[0].log.level === 'debug')
})

test('a burst of writes is loaded a few times, not once per write', async (t) => {
  const file = join(await temporaryDirectory(t), 'config.yaml')
  await writeFile(file, level('info'))
  const watched = await startWatch(t, file)
  const before = watched.loads
  for (let count = 0; count < 50; count++) await replaceByRename(file, level(count < 49 ? 'warn' : 'error'))
  await watched.until(() => watched.changes.at(-1)?.[0].log.level === 'error')
  assert.ok(watched.loads - before < 25, `${watched.loads - before} loads`)
})

test('nothing is told after the signal', async (t) => {
  const file = join(await temporaryDirectory(t), 'config.yaml')
  await writeFile(file, level('info'))
  const watched = await startWatch(t, file)
  const writing = replaceByRename(file, level('debug'))
  await watched.stop()
  const loads = watched.loads
  await writing
  assert.equal(watched.loads, loads)
})

test('what select, parse, enrich and log say is taken over live, but not what the metadata side is made with; all else needs a restart', async () => {
  const load = (env: Record<string, string>) => loadConfig({ env, flags: {}, hostName: () => 'machine' })
  const difference = liveDifference(
    await load({}),
    await load({
      LOGGY_SELECT_NAMESPACES_EXCLUDE: 'a',
      LOGGY_PARSE_JSON: 'true',
      LOGGY_REDACT_PRESETS: 'cards',
      LOGGY_REDACT_PATTERNS: 'a=b',
      LOGGY_ENRICH_LABELS_EXCLUDE: 'b',
      LOGGY_ENRICH_NODE_LABELS: 'true',
      LOGGY_ENRICH_MAX_ANNOTATION_BYTES: '64Ki',
      LOGGY_LOG_LEVEL: 'warn',
      LOGGY_SINK_TYPE: 'file',
      LOGGY_SINK_PATH: '/entries',
      LOGGY_STATE_DIRECTORY: '/state',
    }),
  )
  assert.deepEqual(difference, {
    live: ['select.namespaces.exclude', 'parse.json', 'redact.presets', 'enrich.labels.exclude', 'log.level'],
    restart: [
      'redact.patterns',
      'enrich.maxAnnotationBytes',
      'enrich.nodeLabels',
      'sink.type',
      'sink.path',
      'sink.rotate.maxBytes',
      'sink.rotate.keep',
      'sink.fsync',
      'state.directory',
    ],
  })
  assert.deepEqual(liveDifference(await load({}), await load({})), { live: [], restart: [] })
})
