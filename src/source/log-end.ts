import { open } from 'node:fs/promises'
import type { LogEnd } from '../model/log-end.ts'

const NEWLINE = 0x0a

/** Reads the whole lines at the end of a log file, so many bytes of it at most. Rejects if it cannot be read. */
export async function readLogEnd(path: string, mostBytes: number): Promise<LogEnd> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const from = Math.max(0, size - mostBytes)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(size, mostBytes)), { position: from })
    const read = buffer.subarray(0, bytesRead)
    const begin = from === 0 ? 0 : read.indexOf(NEWLINE) + 1
    const end = read.lastIndexOf(NEWLINE) + 1
    return { path, bytes: read.subarray(begin, Math.max(begin, end)), offset: from + begin }
  } finally {
    await file.close()
  }
}
