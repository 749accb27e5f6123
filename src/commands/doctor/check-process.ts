import { readFileSync } from 'node:fs'
import { descriptorLimit } from '../../lib/descriptors.ts'
import { RESERVED } from '../../source/descriptor-budget.ts'
import { type Finding, ok, warn } from './finding.ts'

const MIB = 1024 * 1024
/** Above this the kernel means that there is no limit. Source: memory.limit_in_bytes of cgroup v1. */
const NO_LIMIT = 2 ** 60
/** Part of the limit that may be in use, page cache aside. */
const MUCH = 0.9

/** How many files may be open. */
export function checkDescriptors(logCount: number): Finding {
  const limit = descriptorLimit()
  // A log that is being rotated has two or three files open.
  const wanted = RESERVED + 3 * logCount
  const text = `This process may have ${limit} files open, and ${logCount} logs take up to ${wanted}.`
  return limit >= wanted
    ? ok('descriptors', text)
    : warn(
        'descriptors',
        `${text} Idle logs are closed and opened again: raise RLIMIT_NOFILE of the container runtime.`,
      )
}

/** The memory of this process' cgroup, and how much of it are the files that it has read. */
export function checkMemory(root = '/sys/fs/cgroup'): Finding {
  const found = memoryOf(root)
  if (found === undefined) return ok('memory', 'No cgroup of this process is visible.')
  const { version, limit, used, cache } = found
  const mib = (bytes: number) => `${Math.round(bytes / MIB)} MiB`
  const of = limit === undefined ? 'without a limit' : `of ${mib(limit)}`
  const text = `cgroup v${version}: ${mib(used)} ${of} in use; ${mib(cache)} of that are the page cache of files, which the kernel gives back.`
  return limit !== undefined && used - cache > MUCH * limit
    ? warn('memory', `${text} The rest is close to the limit: raise it.`)
    : ok('memory', text)
}

interface CgroupMemory {
  readonly version: 1 | 2
  readonly limit: number | undefined
  readonly used: number
  readonly cache: number
}

function memoryOf(root: string): CgroupMemory | undefined {
  const v2 = { version: 2, limit: 'memory.max', used: 'memory.current', stat: 'memory.stat', cache: 'file' } as const
  const v1 = {
    version: 1,
    limit: 'memory/memory.limit_in_bytes',
    used: 'memory/memory.usage_in_bytes',
    stat: 'memory/memory.stat',
    cache: 'cache',
  } as const
  for (const { version, limit, used, stat, cache } of [v2, v1]) {
    const [limitText, usedText, statText] = [limit, used, stat].map((name) => textOf(`${root}/${name}`))
    if (usedText === undefined || statText === undefined) continue
    const bytes = Number(limitText ?? Number.NaN)
    const cached = Number(new RegExp(`^${cache} (\\d+)`, 'm').exec(statText)?.[1] ?? 0)
    return { version, limit: bytes < NO_LIMIT ? bytes : undefined, used: Number(usedText), cache: cached }
  }
  return undefined
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
