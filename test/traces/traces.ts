import { readdirSync, readFileSync } from 'node:fs'

/** What a program wrote, and the records that its lines must become. */
export interface Trace {
  readonly name: string
  /** Each a list of lines. */
  readonly records: readonly (readonly string[])[]
}

/** The corpus beside this file: `+` before a record's first line, a space before the others. */
export function readTraces(): Trace[] {
  const names = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.txt'))
  return names.sort().map((name) => {
    const records: string[][] = []
    for (const line of readFileSync(`${import.meta.dirname}/${name}`, 'utf8')
      .trimEnd()
      .split('\n')) {
      if (line.startsWith('+')) records.push([])
      records.at(-1)?.push(line.slice(1))
    }
    return { name: name.replace('.txt', ''), records }
  })
}
