import type { Config } from '../config/schema.ts'
import { liveDifference, watchConfig } from '../config/watch-config.ts'
import type { AgentLog } from '../telemetry/log.ts'
import type { Agent } from './agent.ts'

/** How the configuration was loaded, and how to load it again. */
export interface ConfigSource {
  readonly file: string | undefined
  readonly load: () => Promise<Config>
}

/** The parts that apply a changed configuration. */
export interface Followers {
  readonly agent: Agent
  readonly log: AgentLog
  readonly onReloadRequest: (reload: () => void) => void
  readonly signal: AbortSignal
}

/** Applies changes of the configuration that need no restart. An invalid configuration is logged and changes nothing. */
export async function followConfig(
  current: Config,
  { file, load }: ConfigSource,
  { agent, log, onReloadRequest, signal }: Followers,
): Promise<void> {
  const onChange = (next: Config, previous: Config) => {
    const { live, restart } = liveDifference(previous, next)
    if (live.length > 0) {
      log.setLevel(next.log.level)
      agent.apply(next)
      log.info('configuration changed', { keys: live })
    }
    if (restart.length > 0) log.warn('configuration changed; these keys need a restart', { keys: restart })
  }
  const onUnchanged = () => log.info('configuration reloaded: no changes')
  const onFault = (error: Error) =>
    log.error('the new configuration is invalid; the current one stays in use', { error })
  try {
    await watchConfig({ file, current, load, onChange, onUnchanged, onFault, onReloadRequest, signal })
  } catch (error) {
    log.error('cannot watch the configuration any more; the current one stays in use', { error })
  }
}
