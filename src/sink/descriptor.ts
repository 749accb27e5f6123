import { write } from 'node:fs'
import { promisify } from 'node:util'
import { systemClock } from '../lib/clock.ts'
import { systemCode } from '../lib/errors.ts'

const writeOnce = promisify(write)

/** Milliseconds until a full non-blocking pipe is tried again. */
const FULL_PIPE_MS = 5

/**
 * Resolves when the kernel has taken all the bytes; a full pipe is waited for, which is the back-pressure.
 * On any other fault it awaits `recover`, which throws or lets it go on where it stopped, so that no line is torn.
 */
export async function writeAll(
  descriptor: number,
  bytes: Uint8Array,
  recover: (error: unknown) => Promise<void>,
): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    try {
      const { bytesWritten } = await writeOnce(descriptor, bytes, written, bytes.length - written, null)
      written += bytesWritten
    } catch (error) {
      // Whoever shares the pipe may have made it non-blocking.
      if (systemCode(error) === 'EAGAIN') await systemClock.sleep(FULL_PIPE_MS)
      else await recover(error)
    }
  }
}
