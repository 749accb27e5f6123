import type { StatusAnswer } from './status-answer.ts'

/** Milliseconds between two requests. */
const INTERVAL_MS = 2000
/** Milliseconds until a request times out. */
const TIMEOUT_MS = 10_000

/** Requests the containers for ever: `onAnswer` gets each answer, `onFault` the reason if there was none. */
export async function pollContainers(
  onAnswer: (answer: StatusAnswer) => Promise<void>,
  onFault: (reason: string) => void,
): Promise<never> {
  for (;;) {
    const answer = await ask()
    if (typeof answer === 'string') onFault(answer)
    else await onAnswer(answer)
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS))
  }
}

async function ask(): Promise<StatusAnswer | string> {
  try {
    const response = await fetch('/api/containers', { signal: AbortSignal.timeout(TIMEOUT_MS) })
    if (!response.ok) return `the answer was ${response.status}`
    return await response.json()
  } catch (error) {
    // Network faults, the timeout, and an answer that was cut off.
    if (error instanceof TypeError || error instanceof DOMException || error instanceof SyntaxError) return 'no answer'
    throw error
  }
}
