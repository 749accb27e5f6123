import { realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { watch } from 'chokidar'
import { type Clock, systemClock } from '../lib/clock.ts'
import { LoggyError } from '../lib/errors.ts'
import { ConfigError } from './config-error.ts'
import { options } from './options.ts'
import type { Config } from './schema.ts'

/** What a watch needs and whom it tells. */
export interface ConfigWatch {
  readonly file: string
  /** In force at the start. */
  readonly current: Config
  readonly load: () => Promise<Config>
  /** A configuration that differs from the one in force, and is from now on. */
  readonly onChange: (next: Config, previous: Config) => void
  /** The file is faulty (a ConfigError, said once per fault) or cannot be watched; what is in force stays. */
  readonly onFault: (fault: LoggyError) => void
  readonly signal: AbortSignal
  readonly clock?: Clock
}

/** Milliseconds. One replacement is a burst of events: a new file and a rename, or a volume's directory, link and rename. */
const SETTLE_MS = 100

/** The link that the kubelet swaps when a ConfigMap changes; the files of the volume lead through it (kubelet, atomic_writer.go). */
const VOLUME_LINK = '..data'

/**
 * Loads the file again whenever it is written, replaced by rename, or its ConfigMap volume is updated. Of a link to a file
 * elsewhere only the link is watched. Resolves when the signal has aborted and nothing is watched any more; rejects when `load`
 * fails with anything but a ConfigError.
 */
export async function watchConfig(request: ConfigWatch): Promise<void> {
  const { file, signal, clock = systemClock } = request
  const directory = await realpath(dirname(file))
  const watched = new Set([directory, join(directory, basename(file)), join(directory, VOLUME_LINK)])
  let changed = Promise.withResolvers<void>()
  const wake = () => changed.resolve()
  // Links are watched as such: swapping one is a change of its own.
  const watcher = watch(directory, {
    depth: 0,
    followSymlinks: false,
    ignoreInitial: true,
    ignored: (path) => !watched.has(path),
  })
  watcher.on('all', wake)
  // What changed between the first load and now is seen by the load that this causes.
  watcher.on('ready', wake)
  watcher.on('error', (cause) =>
    request.onFault(new LoggyError('CONFIG_WATCH', 'cannot watch the configuration', { cause })),
  )
  signal.addEventListener('abort', wake)
  try {
    const reload = reloader(request)
    while (!signal.aborted) {
      await changed.promise
      await clock.sleep(SETTLE_MS, signal)
      changed = Promise.withResolvers()
      if (!signal.aborted) await reload()
    }
  } finally {
    signal.removeEventListener('abort', wake)
    await watcher.close()
  }
}

function reloader({ current, load, onChange, onFault }: ConfigWatch): () => Promise<void> {
  let inForce = current
  let lastFault: string | undefined
  return async () => {
    try {
      const next = await load()
      lastFault = undefined
      if (isDeepStrictEqual(next, inForce)) return
      const previous = inForce
      inForce = next
      onChange(next, previous)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      if (error.message !== lastFault) onFault(error)
      lastFault = error.message
    }
  }
}

/** Keys whose values differ, by whether a running agent can take them over. */
export interface ConfigDifference {
  readonly live: readonly string[]
  readonly restart: readonly string[]
}

/** Of `enrich` what is chosen from the metadata that is known; what is known of the cluster is settled at the start. */
const LIVE =
  /^(?:select|parse|log|enrich\.labels|enrich\.annotations)\.|^enrich\.(?:waitForMetadata|recordId|cluster|fields)$/

/** What changed between two configurations. */
export function liveDifference(previous: Config, next: Config): ConfigDifference {
  const keys = options.filter(({ path }) => !isDeepStrictEqual(valueAt(previous, path), valueAt(next, path)))
  const { live = [], restart = [] } = Object.groupBy(
    keys.map(({ key }) => key),
    (key) => (LIVE.test(key) ? 'live' : 'restart'),
  )
  return { live, restart }
}

function valueAt(config: Config, path: readonly string[]): unknown {
  return path.reduce<unknown>((node, name) => (node instanceof Object ? Reflect.get(node, name) : undefined), config)
}
