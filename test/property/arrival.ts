import { waitUntil, waitUntilNoneMissing } from '../support/wait-until.ts'
import type { HttpDestination } from './destination.ts'
import type { FairKubelet } from './fair-kubelet.ts'
import { describeLine, type Ledger, type WrittenLine } from './ledger.ts'
import type { ModelledPod } from './modelled-pod.ts'
import type { ModelledRun } from './modelled-run.ts'

/** Milliseconds within which more has arrived once all is well again: the longest wait, for the API as for a destination, is 30 s. */
const MORE_WITHIN_MS = 60_000
/** Milliseconds in which a change is on the lines that are written again and again. */
const CHANGE_WITHIN_MS = 60_000

interface ArrivalParts {
  readonly ledger: Ledger
  readonly fairness: FairKubelet
  readonly http: HttpDestination | undefined
  /** Writes a line that is taken while others are refused. */
  probe(): void
}

/** Waits until everything that is owed has come out at the destination. */
export class Arrival {
  readonly #parts: ArrivalParts

  constructor(parts: ArrivalParts) {
    this.#parts = parts
  }

  /** Last words without a newline come when their container's files are gone, or after a minute. */
  async of(what: 'lines' | 'lines and last words'): Promise<void> {
    const { ledger, fairness, http, probe } = this.#parts
    let probes = 0
    const missing = () => {
      http?.readDeadLetters()
      fairness.forgiveGivenUp()
      fairness.forgiveHandedOver()
      const owed = ledger.owed.filter(({ isWhole }) => isWhole || what === 'lines and last words')
      // A line that is refused alone is given up when another was taken after it.
      if (http?.waitsForOthers(owed) && probes++ % 20 === 19) probe()
      return owed
    }
    await waitUntilNoneMissing(what, () => missing().length, MORE_WITHIN_MS).catch(() => {
      const lost = missing()
      throw new Error(
        `${lost.length} of ${ledger.lines.length} lines are missing:\n${lost.slice(0, 5).map(describeLine).join('\n')}`,
      )
    })
  }

  /** A change of labels is on the lines in the end. */
  async ofLabels(pod: ModelledPod): Promise<void> {
    const [run] = pod.runs
    if (run === undefined) return
    await this.#writeUntil(`the latest labels of ${pod.name}`, run, (line) => {
      const { labels } = (line?.arrivals.at(-1)?.kubernetes ?? {}) as { labels?: { version?: string } }
      return labels?.version === `${pod.number}-${pod.version}`
    })
  }

  /** Of several links to a log the newest is on its lines in the end. */
  async ofNewestLink(run: ModelledRun): Promise<void> {
    const { containerID } = run.links.newest
    await this.#writeUntil(
      `the newest link of ${run.origin.podName}`,
      run,
      (line) => line?.arrivals.at(-1)?.kubernetes.containerID === containerID,
    )
  }

  async #writeUntil(
    what: string,
    run: ModelledRun,
    isThere: (line: WrittenLine | undefined) => boolean,
  ): Promise<void> {
    const { lines } = this.#parts.ledger
    const isThereNow = async () => {
      run.write('stdout', 10)
      await this.of('lines')
      return isThere(lines.findLast(({ origin }) => origin === run.origin))
    }
    await waitUntil(what, isThereNow, CHANGE_WITHIN_MS)
  }
}
