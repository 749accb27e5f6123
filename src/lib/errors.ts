/** An error with a stable code that people can search for, and its cause. */
export class LoggyError extends Error {
  override readonly name: string = 'LoggyError'
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** The system's error code (`ENOENT` …), or undefined. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** The error and its causes in one line. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.cause === undefined) return error.message
  const cause = describeError(error.cause)
  // Some have their cause's words in their own already.
  return error.message.endsWith(cause) ? error.message : `${error.message}: ${cause}`
}
