import { stat } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { type Clock, systemClock } from '../lib/clock.ts'
import { systemCode } from '../lib/errors.ts'
import { ConfigError } from './config-error.ts'
import { options } from './options.ts'
import type { Config } from './schema.ts'

/** What a watch needs and whom it tells. */
export interface ConfigWatch {
  /** Undefined where there is none: then the configuration is read again only when someone asks. */
  readonly file: string | undefined
  /** In force at the start. */
  readonly current: Config
  readonly load: () => Promise<Config>
  /** A configuration that differs from the one in force, and is from now on. */
  readonly onChange: (next: Config, previous: Config) => void
  /** The configuration is the one in force. Called when someone asked, and when a fault is over; not for a change of a comment. */
  readonly onUnchanged: () => void
  /** The configuration is faulty, and what is in force stays. Called once per fault, and each time when someone asked. */
  readonly onFault: (fault: ConfigError) => void
  /** Takes what to call when someone asks for the configuration to be read again. */
  readonly onReloadAsked: (reload: () => void) => void
  readonly signal: AbortSignal
  readonly clock?: Clock
}

/**
 * Milliseconds between two looks at the file. A look is one `stat`, 0.05 ms of CPU. Watches by inotify were not enough: of a path that
 * leads through a link, such as `..data/config.yaml` of a ConfigMap, they stay with the folder that the link led to at the start.
 */
const LOOK_MS = 1000
/** Milliseconds for which a file must be the same before it is read: one replacement is a burst of changes. */
const SETTLE_MS = 100
/** Milliseconds; the longest that a timer of Node can wait. */
const FOREVER_MS = 2 ** 31 - 1

/**
 * Loads the configuration again whenever the file is another, whatever was written, renamed or linked on the way to it, and when
 * someone asks. Resolves when the signal has aborted; rejects when `load` fails with anything but a ConfigError.
 */
export async function watchConfig(request: ConfigWatch): Promise<void> {
  const { file, signal, clock = systemClock } = request
  const reload = reloader(request)
  let waiting = new AbortController()
  const wake = () => waiting.abort()
  let isAsked = false
  request.onReloadAsked(() => {
    isAsked = true
    wake()
  })
  signal.addEventListener('abort', wake)
  // At first unequal, so that a change between the first load and now is seen.
  let [seen, loaded]: (string | undefined)[] = ['not looked at yet', undefined]
  while (!signal.aborted) {
    waiting = new AbortController()
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

/** Differs whenever the path leads to another file, or the file was written. Why there is none, if so, which loading it will say. */
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
