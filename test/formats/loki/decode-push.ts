import { execFileSync } from 'node:child_process'

export interface LokiEntry {
  /** Nanoseconds since 1970. */
  readonly time: string
  readonly line: string
  /** Structured metadata. */
  readonly own: Readonly<Record<string, string>>
}

export interface LokiStream {
  readonly labels: Readonly<Record<string, string>>
  readonly entries: readonly LokiEntry[]
}

/** A body of the push API, as Loki's decoder takes it (pkg/loghttp, `PushRequest` and `Entry`): throws on anything else. */
export function decodePush(body: Buffer): LokiStream[] {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  const { streams, ...others } = JSON.parse(text)
  check(Object.keys(others).length === 0 && Array.isArray(streams) && streams.length > 0, 'streams alone')
  return streams.map(({ stream, values, ...more }: Record<string, unknown>) => {
    check(Object.keys(more).length === 0 && Array.isArray(values) && values.length > 0, 'labels and values alone')
    return { labels: textsOf(stream), entries: (values as unknown[]).map(entryOf) }
  })
}

function entryOf(value: unknown): LokiEntry {
  check(Array.isArray(value) && value.length === 3, 'time, line and structured metadata')
  const [time, line, own] = value as unknown[]
  check(typeof time === 'string' && /^\d{1,19}$/.test(time), 'nanoseconds as a text')
  check(typeof line === 'string', 'a line as a text')
  return { time: time as string, line: line as string, own: textsOf(own) }
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  const pairs = Object.entries(Object(value))
  for (const [name, text] of pairs) check(/^[a-zA-Z_]\w*$/.test(name) && typeof text === 'string', `a text at ${name}`)
  return Object.fromEntries(pairs) as Record<string, string>
}

function check(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(`not a push request: ${what} expected`)
}

/** Throws if a name is twice in an object, which `JSON.parse` lets pass. */
export function checkNames(body: Buffer): void {
  const script = `
import json, sys
def pairs(found):
    names = [name for name, _ in found]
    assert len(set(names)) == len(names), names
json.load(sys.stdin.buffer, object_pairs_hook=pairs)`
  execFileSync('python3', ['-c', script], { input: body })
}
