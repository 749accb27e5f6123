/** Which of its two output streams a container wrote to. */
export type StreamName = 'stdout' | 'stderr'
