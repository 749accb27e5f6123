import { closeSync, constants, lstatSync, openSync, readlinkSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { systemCode } from '../lib/errors.ts'
import { MOST_LINKS } from './links.ts'

/** Why a log cannot be opened, and where the way to it ends. */
export interface Obstacle {
  /** `denied`: the folder or file at `path` may not be entered or read. `missing`: nothing is at `path`, so the log lies on another mount. */
  readonly kind: 'denied' | 'missing'
  readonly path: string
}

/**
 * Follows the path of a log link by link. Undefined if it can be read, or if only its own folders are missing, as after its deletion: the
 * kubelet has a folder for the pod and one for the container, docker one for the container.
 */
export function obstacleOf(path: string): Obstacle | undefined {
  let at = '/'
  let rest = namesOf(path)
  for (let links = 0; rest.length > 0 && links < MOST_LINKS; ) {
    const [name = '', ...others] = rest
    const next = join(at, name)
    try {
      if (lstatSync(next).isSymbolicLink()) {
        rest = [...namesOf(resolve(at, readlinkSync(next))), ...others]
        at = '/'
        links += 1
        continue
      }
    } catch (error) {
      if (isDenied(error)) return { kind: 'denied', path: at }
      return others.length >= ownNames(rest.at(-1)) ? { kind: 'missing', path: next } : undefined
    }
    at = next
    rest = others
  }
  return canRead(at) ? undefined : { kind: 'denied', path: at }
}

/** Whether the system forbids it, not something else. */
export function isDenied(error: unknown): boolean {
  const code = systemCode(error)
  return code === 'EACCES' || code === 'EPERM'
}

/** Names at the end of a log's path that are its own: they go with it. */
function ownNames(file = ''): number {
  return /^\d+\.log/.test(basename(file)) ? 3 : 2
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '')
}

function canRead(path: string): boolean {
  try {
    // Without waiting, should it be no regular file.
    closeSync(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK))
    return true
  } catch (error) {
    return !isDenied(error)
  }
}
