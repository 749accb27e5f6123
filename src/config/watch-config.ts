import { stat } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { type Clock, systemClock } from '../lib/clock.ts'
import { systemCode } from '../lib/errors.ts'
import { ConfigError } from './config-error.ts'
import { options } from './options.ts'
import type { Config } from './schema.ts'

/** The parameters of `watchConfig`. */
export interface ConfigWatch {
  /** Undefined if there is no file: then the configuration is reloaded only on request. */
  readonly file: string | undefined
  /** The configuration at the start. */
  readonly current: Config
  readonly load: () => Promise<Config>
  /** Called with a configuration that differs from the current one, and becomes the current one. */
  readonly onChange: (next: Config, previous: Config) => void
  /** The reloaded configuration is equal. Called after a request, and when a fault is fixed; not for a change of a comment. */
  readonly onUnchanged: () => void
  /** The configuration is invalid and not used. Called once per fault, and after each request. */
  readonly onFault: (fault: ConfigError) => void
  /** Registers the handler for requests to reload. */
  readonly onReloadRequest: (reload: () => void) => void
  readonly signal: AbortSignal
  readonly clock?: Clock
}

/**
 * Milliseconds between two checks of the file. A check is one `stat`, 0.1 ms of CPU, in the thread pool: its file system may hang.
 * The kubelet takes a minute to update a ConfigMap's files.
 * inotify is not enough: if the path contains a link, such as `..data/config.yaml` of a ConfigMap, it keeps watching the folder that the link pointed to at the start.
 */
const LOOK_MS = 5000
/** Milliseconds without a change before the file is read: one replacement can be several changes. */
const SETTLE_MS = 100
/** Milliseconds: the longest timer of Node. */
const FOREVER_MS = 2 ** 31 - 1

/**
 * Reloads the configuration on request, and when the file changes in any way: rewritten, renamed, or linked to another file.
 * Resolves when the signal aborts; rejects if `load` fails with anything but a ConfigError.
 */
export async function watchConfig(request: ConfigWatch): Promise<void> {
  const { file, signal, clock = systemClock } = request
  const reload = reloader(request)
  let waiting = new AbortController()
  const wake = () => waiting.abort()
  let isAsked = false
  request.onReloadRequest(() => {
    isAsked = true
    wake()
  })
  signal.addEventListener('abort', wake)
  // Different at first, so that a change between the first load and now is detected.
  let [seen, loaded]: (string | undefined)[] = ['not looked at yet', undefined]
  while (!signal.aborted) {
    if (waiting.signal.aborted) waiting = new AbortController()
    const waitMs = file === undefined ? FOREVER_MS : seen === loaded ? LOOK_MS : SETTLE_MS
    if (!isAsked) await clock.sleep(waitMs, waiting.signal)
    if (signal.aborted) break
    const state = file === undefined ? undefined : await stateOf(file)
    const isSettled = state === seen && state !== loaded
    seen = state
    if (!isAsked && !isSettled) continue
    loaded = state
    const ask = { isAsked }
    isAsked = false
    await reload(ask)
  }
  signal.removeEventListener('abort', wake)
}

/** Changes whenever the path leads to another file or the file is written. If there is no file, loading it reports why. */
async function stateOf(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true })
    return [dev, ino, size, mtimeNs, ctimeNs].join()
  } catch (error) {
    const code = systemCode(error)
    if (code === undefined) throw error
    return code
  }
}

function reloader(request: ConfigWatch): (ask: { readonly isAsked: boolean }) => Promise<void> {
  let inForce = request.current
  let lastFault: string | undefined
  return async ({ isAsked }) => {
    try {
      const next = await request.load()
      const isFaultOver = lastFault !== undefined
      lastFault = undefined
      if (isDeepStrictEqual(next, inForce)) {
        if (isAsked || isFaultOver) request.onUnchanged()
        return
      }
      const previous = inForce
      inForce = next
      request.onChange(next, previous)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      if (isAsked || error.message !== lastFault) request.onFault(error)
      lastFault = error.message
    }
  }
}

/** Keys whose values differ: those that a running agent can apply, and those that need a restart. */
export interface ConfigDifference {
  readonly live: readonly string[]
  readonly restart: readonly string[]
}

/** From `enrich`, only options that choose among known metadata; what metadata is fetched is fixed at the start. */
const LIVE =
  /^(?:select|parse|limit|log|enrich\.labels|enrich\.annotations)\.|^enrich\.(?:waitForMetadata|recordId|cluster|fields)$|^redact\.presets$/

/** The changes between two configurations. */
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
