import { statSync } from 'node:fs'
import type { Log } from '../model/log.ts'
import { type Obstacle, obstacleOf } from './obstacle.ts'

/** The rights of a process, as the system has them. */
export interface ProcessRights {
  readonly user: number | undefined
  /** All of them. */
  readonly groups: readonly number[]
}

/** What keeps logs from being opened, whatever their number: one message for each folder that cannot be entered, or is not mounted. */
export class Obstacles {
  readonly #log: Log
  readonly #rights: ProcessRights
  #found: ReadonlyMap<string, Blocked> = new Map()
  #isDue = false

  constructor(log: Log, rights = ownRights()) {
    this.#log = log
    this.#rights = rights
  }

  /** One sentence each, for people. */
  get sentences(): string[] {
    return [...this.#found.values()].map(({ obstacle, logs }) => describeObstacle(obstacle, logs, this.#rights))
  }

  /** Whether what keeps that log from being opened is reported already, or at the next look, which is due then. */
  explains(path: string): boolean {
    const obstacle = obstacleOf(path)
    this.#isDue ||= obstacle !== undefined && !this.#found.has(keyOf(obstacle))
    return obstacle !== undefined
  }

  /** Whether something was met that the last look did not see. */
  get isDue(): boolean {
    return this.#isDue
  }

  /** `paths`: of all logs that cannot be opened now. */
  look(paths: Iterable<string>): void {
    const found = obstaclesOf(paths)
    for (const [key, { obstacle, logs }] of found) {
      if (this.#found.has(key)) continue
      this.#log.error('logs cannot be read', { why: describeObstacle(obstacle, logs, this.#rights) })
    }
    for (const [key, { obstacle }] of this.#found) {
      if (!found.has(key)) this.#log.info('logs can be read again', { path: obstacle.path })
    }
    this.#found = found
    this.#isDue = false
  }
}

/** What is in the way of so many logs. */
export interface Blocked {
  readonly obstacle: Obstacle
  readonly logs: number
}

/** What is in the way of logs with these paths, each once. */
export function obstaclesOf(paths: Iterable<string>): Map<string, Blocked> {
  const found = new Map<string, Blocked>()
  for (const path of paths) {
    const obstacle = obstacleOf(path)
    if (obstacle === undefined) continue
    const key = keyOf(obstacle)
    found.set(key, { obstacle, logs: (found.get(key)?.logs ?? 0) + 1 })
  }
  return found
}

function keyOf({ kind, path }: Obstacle): string {
  return `${kind} ${path}`
}

/** What is in the way of so many logs, and what to do. */
export function describeObstacle({ kind, path }: Obstacle, logs: number | 'all logs', rights: ProcessRights): string {
  const fault = `${typeof logs === 'string' ? logs : logs === 1 ? '1 log' : `${logs} logs`} cannot be read:`
  if (kind === 'missing')
    return `${fault} ${path} does not exist for this process. Mount that folder of the host at the same path, read-only.`
  const { uid, gid, mode } = statSync(path)
  const octal = (mode & 0o7777).toString(8).padStart(4, '0')
  const mayBy = rights.user === 0 || rights.user === uid || rights.groups.includes(gid)
  const remedy = mayBy
    ? 'Its mode would allow it, so SELinux, AppArmor or a user namespace forbids it.'
    : `Run the agent as user ${uid} or with group ${gid}.`
  const who = `user ${rights.user} with groups ${rights.groups.join(', ')}`
  return `${fault} permission denied at ${path} (mode ${octal}, user ${uid}, group ${gid}) for ${who}. ${remedy}`
}

/** Those of this process. */
export function ownRights(): ProcessRights {
  const own = process.getegid?.()
  const groups = new Set([...(own === undefined ? [] : [own]), ...(process.getgroups?.() ?? [])])
  return { user: process.geteuid?.(), groups: [...groups] }
}
