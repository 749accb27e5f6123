/** The kubelet's settings for log rotation. */
export interface Rotation {
  /** Size at which the kubelet rotates a file: `containerLogMaxSize`. */
  readonly maxBytes: number
  /** Files per container, including the live one: `containerLogMaxFiles`. */
  readonly maxFiles: number
}

/** Bytes of a container's log that are on disk at any time. Right after a rotation, all files but the live one are full: at least so much is always kept. */
export function keptBytes({ maxBytes, maxFiles }: Rotation): number {
  return maxBytes * (maxFiles - 1)
}

/**
 * Seconds until the kubelet deletes the oldest unread byte, if reading stopped and the container kept its write rate; infinite if it writes
 * nothing. The kubelet checks only every 10 s, so files may grow larger and the time be longer, never shorter.
 */
export function secondsToLossOf(unreadBytes: number, bytesPerSecond: number, rotation: Rotation): number {
  const leftBytes = Math.max(0, keptBytes(rotation) - unreadBytes)
  if (leftBytes === 0) return 0
  return bytesPerSecond === 0 ? Number.POSITIVE_INFINITY : leftBytes / bytesPerSecond
}
