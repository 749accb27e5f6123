import type { Entry } from './entry-log.ts'

/** A line as `kubectl logs --timestamps` prints it; its time is that of its first part. */
export interface KubeletLine {
  readonly time: string
  readonly text: string
}

/** Kubelets of before 2023 write the time in front of each part of a line that the runtime has cut (kubernetes#113481). */
const TIME = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(?:Z|[+-]\d\d:\d\d)) /

/** The kubelet writes nine digits, some runtimes no zeros at their end. */
const ZEROS = /(?:\.|(?<=\.\d*))0+(?=Z|[+-]\d\d:\d\d$)/

/** The lines in what `kubectl logs --timestamps` printed; text without a time is not of a log but about it. */
export function parseKubeletLines(printed: Buffer): KubeletLine[] {
  // Byte by byte, since a time may stand in the middle of a character.
  return printed
    .toString('latin1')
    .split('\n')
    .flatMap((line) => {
      const [before, time, ...parts] = line.split(TIME)
      // What is captured stands between the parts.
      const text = parts.filter((_, index) => index % 2 === 0).join('')
      return before === '' && time !== undefined ? [{ time, text: Buffer.from(text, 'latin1').toString() }] : []
    })
}

/** Whether the entry is of that line. */
export function isOf(entry: Entry, line: KubeletLine): boolean {
  return keyOf(entry) === keyOf(line)
}

/**
 * The first of the kubelet's lines that the entries of its container do not have in its place, with the entry that stands there;
 * undefined: they say the same. The kubelet has only what it has not rotated away, so entries may come before, and newer ones
 * behind. An entry that came again does not count.
 */
export function firstDifference(
  lines: readonly KubeletLine[],
  entries: readonly Entry[],
): { readonly line: KubeletLine; readonly entry: Entry | undefined } | undefined {
  const [first] = lines
  const known = first && entries.find((entry) => isOf(entry, first))
  const { uid, restartCount } = known?.kubernetes ?? {}
  const ofRun = entries.filter(({ kubernetes }) => kubernetes.uid === uid && kubernetes.restartCount === restartCount)
  const once = [...new Map(ofRun.map((entry) => [keyOf(entry), entry])).values()]
  const begin = known === undefined ? once.length : once.findIndex((entry) => keyOf(entry) === keyOf(known))
  const at = lines.findIndex((line, index) => {
    const entry = once[begin + index]
    return entry === undefined || !isOf(entry, line)
  })
  const line = lines[at]
  return line && { line, entry: once[begin + at] }
}

/** Equal for a line and its entry. No runtime gives two lines of a container one time. */
function keyOf(of: KubeletLine | Entry): string {
  const text = 'text' in of ? of.text : (of.log ?? JSON.stringify(of.json ?? { lost: of.lost }))
  return `${of.time.replace(ZEROS, '')} ${withoutLayout(text)}`
}

/** JSON is on entries as JSON, so its spaces and escapes are not those of the line. */
function withoutLayout(text: string): string {
  if (!text.startsWith('{')) return text
  try {
    return JSON.stringify(JSON.parse(text))
  } catch {
    return text
  }
}
