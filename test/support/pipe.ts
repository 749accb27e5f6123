import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { systemCode } from '../../src/lib/errors.ts'
import { temporaryDirectory } from './temporary-directory.ts'

/** A named pipe, and its reading end. */
export interface Pipe {
  readonly path: string
  /** Reads once: at most 64 KiB. */
  sip(): string
  /** Reads until it is empty. */
  drain(): string
  /** The reader leaves. */
  close(): void
}

export function createPipe(t: TestContext): Pipe {
  const path = join(temporaryDirectory(t), 'pipe')
  execFileSync('mkfifo', [path])
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const buffer = Buffer.alloc(1 << 16)
  let isOpen = true
  const close = () => {
    if (isOpen) closeSync(reader)
    isOpen = false
  }
  t.after(close)
  const sip = () => readOnce(reader, buffer)
  const drain = () => {
    let text = ''
    for (let more = sip(); more !== ''; more = sip()) text += more
    return text
  }
  return { path, close, sip, drain }
}

function readOnce(descriptor: number, buffer: Buffer): string {
  try {
    return buffer.toString('utf8', 0, readSync(descriptor, buffer))
  } catch (error) {
    if (systemCode(error) !== 'EAGAIN') throw error
    return ''
  }
}
