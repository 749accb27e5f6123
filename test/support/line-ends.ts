const NEWLINE = 0x0a

/** The ends of the first `lineCount` lines, newline included. */
export function lineEnds(bytes: Uint8Array, lineCount: number): Uint32Array {
  const ends = new Uint32Array(lineCount)
  for (let place = 0, end = 0; place < lineCount; place += 1) {
    end = bytes.indexOf(NEWLINE, end) + 1
    ends[place] = end
  }
  return ends
}
