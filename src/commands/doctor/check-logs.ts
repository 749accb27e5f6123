import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describeError, systemCode } from '../../lib/errors.ts'
import { targetIfLink } from '../../source/links.ts'
import { parseLogPath } from '../../source/log-path.ts'
import { obstacleOf } from '../../source/obstacle.ts'
import { describeObstacle, obstaclesOf, ownRights } from '../../source/obstacles.ts'
import { statIfThere } from '../../source/rotation.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

/** What a look at the directory of links has found. */
export interface LogsFound {
  readonly findings: readonly Finding[]
  /** How many links are those of container logs. */
  readonly logCount: number
}

/** The directory of the kubelet's links, and where each of them leads. */
export function checkLogs(directory: string): LogsFound {
  let names: string[]
  try {
    names = readdirSync(directory)
  } catch (error) {
    return { findings: [fail('directory', faultOf(directory, error))], logCount: 0 }
  }
  const links = names.map((name) => ({ name, target: targetIfLink(join(directory, name)) }))
  const logs = links.filter(({ name, target }) => parseLogPath(name, target) !== undefined)
  const others = names.length - logs.length
  const odd = others === 0 ? '' : `, and ${others} that no kubelet makes, which are left out`
  const text = `${directory} has ${logs.length} logs of containers${odd}.`
  const found =
    logs.length > 0
      ? ok('directory', text)
      : fail('directory', `${text} The kubelet's links are elsewhere: set source.directory, and mount that folder.`)
  const paths = logs.map(({ name, target }) => target ?? join(directory, name))
  return { findings: [found, ...linkFindings(paths)], logCount: logs.length }
}

function faultOf(directory: string, error: unknown): string {
  if (systemCode(error) === 'ENOENT')
    return `${directory} does not exist: mount /var/log of the host, or set source.directory.`
  const obstacle = obstacleOf(directory)
  return obstacle === undefined
    ? `${directory} cannot be read: ${describeError(error)}.`
    : describeObstacle(obstacle, 'all logs', ownRights())
}

function linkFindings(paths: readonly string[]): Finding[] {
  const { clear = [], blocked: closed = [] } = Object.groupBy(paths, (path) =>
    obstacleOf(path) === undefined ? 'clear' : 'blocked',
  )
  const dangling = clear.filter((path) => statIfThere(path) === undefined).length
  const blocked = Array.from(obstaclesOf(closed).values(), ({ obstacle, logs }) =>
    fail('links', describeObstacle(obstacle, logs, ownRights())),
  )
  if (dangling > 0)
    blocked.push(
      warn(
        'links',
        `${dangling} of ${paths.length} lead to no file: of containers that are gone, until the kubelet removes them.`,
      ),
    )
  return blocked.length > 0 || paths.length === 0
    ? blocked
    : [ok('links', `All ${paths.length} lead to files that can be read.`)]
}
