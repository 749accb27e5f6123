import { membersOf, parseObject } from '../lib/json-object.ts'

/** What a log line tells of the trace that it belongs to, in hexadecimal digits. */
export interface TraceContext {
  /** 32 digits. */
  readonly trace: string
  /** 16 digits. */
  readonly span: string | undefined
  /** 2 digits. */
  readonly flags: string | undefined
}

const NAMES = {
  trace: /^(?:dd\.|otel\.?)?trace[._]?id$/i,
  span: /^(?:dd\.|otel\.?)?span[._]?id$/i,
  flags: /^(?:dd\.|otel\.?)?trace[._]?flags$/i,
}
/** Zeros alone are no id (W3C Trace Context, 3.2.2). */
const VALUES = { trace: /^(?!0+$)[\da-f]{32}$/i, span: /^(?!0+$)[\da-f]{16}$/i, flags: /^[\da-f]{2}$/i }

/** The trace context of a line that is a JSON object: what the kernel finds (assembly/trace-context.ts), of a line that is read back. */
export function traceContextOf(line: string): TraceContext | undefined {
  if (!line.startsWith('{')) return undefined
  const members = membersOf(parseObject(line))
  const find = (what: keyof typeof NAMES): string | undefined => {
    const found = members.find(
      ([name, value]) => NAMES[what].test(name) && typeof value === 'string' && VALUES[what].test(value),
    )
    return found && String(found[1])
  }
  const trace = find('trace')
  return trace === undefined ? undefined : { trace, span: find('span'), flags: find('flags') }
}
