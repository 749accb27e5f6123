import type { Life } from './agent-keeper.ts'
import {
  type Arrival,
  describeLine,
  isOf,
  type LossMarker,
  nameOf,
  parsedEntry,
  textOf,
  type WrittenLine,
} from './ledger.ts'
import type { World } from './world.ts'

/** Milliseconds after an ack within which a killed agent may not have stored it; its own promise. */
const STORED_WITHIN_MS = 200

/** What must hold once everything has been delivered. Each answer is a sentence about what does not. */
export function judge(world: World, rules: { readonly isOrdered: boolean; readonly isCounted: boolean }): string[] {
  const { ledger, keeper } = world
  return [
    ...ledger.owed.map((line) => `lost: ${describeLine(line)}`),
    ...ledger.strangers.filter((entry) => !isLeftOver(entry, ledger.lines)).map(unknownEntry),
    ...ledger.lines.flatMap(wrongNames),
    ...ledger.lines.flatMap((line) => wrongMetadata(line, world)),
    ...(rules.isOrdered ? disorder(ledger.lines.filter(isInPlace), world) : []),
    ...(rules.isOrdered ? staleLabels(ledger.lines.filter(isInPlace)) : []),
    ...(rules.isCounted ? needlessRepeats(ledger.lines, keeper.lives) : []),
    ...ledger.lossMarkers.filter((marker) => !isExplained(marker, ledger)).map(unexplainedMarker),
    ...ledger.lines
      .filter((line) => !isHoleTold(line, ledger.lossMarkers))
      .map((line) => `NULs not told: ${describeLine(line)}`),
    ...keeper.lives.flatMap(badEnd),
  ]
}

/** What is refused is passed by what comes after it, and so is what waits with it. */
function isInPlace({ arrivals, mayBePassed }: WrittenLine): boolean {
  return !mayBePassed && !arrivals.some(({ isRefused }) => isRefused)
}

function unknownEntry(entry: string): string {
  return `an entry that nobody wrote: ${entry.slice(0, 120)} … ${entry.slice(-60)} (${entry.length} characters)`
}

/**
 * A line in several files of which the kubelet took one away comes as what is left of it; and with the end of one and the beginning of
 * another taken, what is left of both is joined: nobody can tell them apart.
 */
function isLeftOver(entry: string, lines: readonly WrittenLine[]): boolean {
  const pieces = lines.filter(({ isForgiven, isCut }) => isForgiven || isCut).flatMap(piecesOf)
  return isMadeOf(parsedEntry(entry)?.log, pieces)
}

function isMadeOf(log: unknown, pieces: readonly string[]): boolean {
  if (typeof log !== 'string') return false
  return pieces.some((piece) => log === piece || (log.startsWith(piece) && isMadeOf(log.slice(piece.length), pieces)))
}

/** What may be left of a line, each file of it deleted or not; of a record of several lines also each of these. One that never ended may be there as it is. */
function piecesOf({ parts, isWhole }: WrittenLine): string[] {
  return [...parts.keys()]
    .slice(isWhole ? 1 : 0)
    .flatMap((at) => [textOf(parts.slice(at)), textOf(parts.slice(0, at)), parts[at]?.text ?? ''])
    .flatMap((piece) => [piece, piece.replace(/^\n/, ''), ...piece.split('\n')])
    .filter((piece) => piece !== '')
}

/** The path tells it, so it is right in any case. */
function wrongNames({ origin, arrivals, text }: WrittenLine): string[] {
  const expected = {
    namespace: 'shop',
    pod: origin.podName,
    container: origin.container,
    uid: origin.uid,
  }
  return arrivals.flatMap(({ kubernetes }) => {
    const ofLink = origin.links.find(({ containerID }) => containerID === kubernetes.containerID) ?? origin.links[0]
    return Object.entries({ ...expected, ...ofLink })
      .filter(([field, value]) => kubernetes[field] !== value)
      .map(([field, value]) => `${field} is ${kubernetes[field]}, not ${value}: ${text.slice(0, 60)}`)
  })
}

/** Labels are of that very pod; without any there must have been a reason. */
function wrongMetadata({ origin, arrivals, text }: WrittenLine, world: World): string[] {
  const pod = world.pods.find(({ number }) => number === origin.podNumber)
  return arrivals.flatMap((arrival) => {
    const version = labelVersion(arrival)
    if (version === undefined) {
      return isPathOnlyAllowed(arrival, world) ? [] : [`no metadata, and no reason for that: ${text.slice(0, 60)}`]
    }
    const [number, count] = version
    const isOfPod = number === origin.podNumber && count <= (pod?.version ?? 0)
    return isOfPod ? [] : [`labels ${version.join('-')}, which its pod never had: ${text.slice(0, 60)}`]
  })
}

/** Pod number and version, as the labels say. */
function labelVersion({ kubernetes }: Arrival): [number, number] | undefined {
  const { labels } = kubernetes as { labels?: { version?: string } }
  const [number, count] = labels?.version?.split('-') ?? []
  return number === undefined ? undefined : [Number(number), Number(count)]
}

/** Only if the API was in trouble while that agent ran, and only until it knew the pod. */
function isPathOnlyAllowed(
  { process, atMs, kubernetes, line }: Arrival,
  { keeper, apiTroubleMs, ledger }: World,
): boolean {
  if (kubernetes.metadata !== 'path-only' || apiTroubleMs.length === 0) return false
  if (process === undefined) return true
  // A pod that went while this agent did not run has left no object to ask for.
  const { startedMs } = keeper.lives[process] as Life
  const isKnown = ledger.lines.some(
    ({ origin, arrivals }) =>
      origin.uid === line.origin.uid &&
      arrivals.some((other) => other.process === process && other.atMs < atMs && labelVersion(other) !== undefined),
  )
  return !isKnown && startedMs < atMs
}

/**
 * First arrivals of a container's stream are in the order in which it wrote. What is of no known format is of no stream. A second link whose
 * pod is not known yet takes over later, but has opened files that the first one never saw: these come by it, after newer ones by the first.
 */
function disorder(lines: readonly WrittenLine[], { apiTroubleMs }: World): string[] {
  const streamOf = ({ isMalformed, stream }: WrittenLine) => (isMalformed ? 'unknown' : stream)
  const linkOf = ({ arrivals }: WrittenLine) => (apiTroubleMs.length > 0 ? arrivals[0]?.kubernetes.containerID : '')
  const arrived = lines.filter(({ arrivals }) => arrivals.length > 0)
  return byKey(arrived, (line) => `${nameOf(line.origin)} ${streamOf(line)} ${linkOf(line)}`).flatMap((written) => {
    return written.flatMap((line, index) => {
      const before = written[index - 1]
      const isAfter = before === undefined || orderOf(before) < orderOf(line)
      return isAfter ? [] : [`${describeLine(line)} came before ${describeLine(before)}`]
    })
  })
}

function orderOf({ arrivals }: WrittenLine): number {
  return arrivals[0]?.order ?? 0
}

/** Within one process, what the labels say never goes back. */
function staleLabels(lines: readonly WrittenLine[]): string[] {
  const arrivals = lines.flatMap((line) => line.arrivals).toSorted((a, b) => a.order - b.order)
  return byKey(arrivals, ({ process, line }) => `${process} ${line.origin.uid}`).flatMap((ofPod) => {
    let latest = 0
    return ofPod.flatMap((arrival) => {
      const version = labelVersion(arrival)?.[1] ?? latest
      const isStale = version < latest
      latest = Math.max(latest, version)
      return isStale ? [`labels went back from ${latest} to ${version}: ${describeLine(arrival.line)}`] : []
    })
  })
}

/** A line comes again only if its ack was not stored yet when the agent was killed. */
function needlessRepeats(lines: readonly WrittenLine[], lives: readonly Life[]): string[] {
  return lines.flatMap((line) =>
    line.arrivals.flatMap((arrival, index) => {
      const before = line.arrivals[index - 1]
      if (before?.process === undefined || before.burst === undefined || arrival.process === undefined) return []
      if (before.process === arrival.process) return [`twice from one process: ${describeLine(line)}`]
      const { end, ranUntilMs = 0 } = lives[before.process] as Life
      if (end === 'stopped') return [`again after an orderly end: ${describeLine(line)}`]
      const ageMs = Math.round(ranUntilMs - before.burst.ranMs)
      return ageMs > STORED_WITHIN_MS ? [`again although acked ${ageMs} ms before the kill: ${describeLine(line)}`] : []
    }),
  )
}

/** A loss may be told only where the kubelet did delete something that had been read in part at most, or NULs were. */
function isExplained(marker: LossMarker, { lines, deletedUnwritten }: World['ledger']): boolean {
  const { containerID } = marker.kubernetes
  const isSuspected = marker.text.includes('files may have been rotated and deleted')
  if (isSuspected && [...deletedUnwritten].some((origin) => isOf(origin, containerID))) return true
  return lines.some(
    (line) =>
      isOfHole(marker, line) ||
      (isOf(line.origin, containerID) && line.parts.some(({ generation }) => generation.path === undefined)),
  )
}

/** Who has read the line behind them has met them before. */
function isHoleTold(line: WrittenLine, markers: readonly LossMarker[]): boolean {
  return line.holeBytes === 0 || line.arrivals.length === 0 || markers.some((marker) => isOfHole(marker, line))
}

function isOfHole({ text, kubernetes }: LossMarker, { holeBytes, origin }: WrittenLine): boolean {
  return text.startsWith(`loggy: ${holeBytes} bytes`) && isOf(origin, kubernetes.containerID)
}

function unexplainedMarker({ text, kubernetes }: { readonly text: string; readonly kubernetes: object }): string {
  return `a loss that was none: ${text} ${JSON.stringify(kubernetes)}`
}

function badEnd({ agent, end, exitCode }: Life, index: number): string[] {
  const faults = agent.noise.map((line) => `agent ${index} wrote to stderr: ${line}`)
  if (end === 'stopped' && exitCode !== 0) faults.push(`agent ${index} ended with ${exitCode}`)
  if (end === undefined) faults.push(`agent ${index} ended by itself`)
  return faults
}

function byKey<T>(values: readonly T[], keyOf: (value: T) => string): T[][] {
  return Object.values(Object.groupBy(values, keyOf)).flatMap((group) => (group === undefined ? [] : [group]))
}
