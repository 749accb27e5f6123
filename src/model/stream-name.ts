/** A container's output streams, in the order of the numbers that the kernel has for them. */
export const STREAM_NAMES = ['stdout', 'stderr'] as const

/** Which of its two output streams a container wrote to. */
export type StreamName = (typeof STREAM_NAMES)[number]
