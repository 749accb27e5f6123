import { readlinkSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** Links in one path. Source: Linux, `MAXSYMLINKS`. */
export const MOST_LINKS = 40

/** Where the link leads, as a whole path; undefined for what is no link, or cannot be read. */
export function targetIfLink(path: string): string | undefined {
  try {
    return resolve(dirname(path), readlinkSync(path))
  } catch {
    return undefined
  }
}
