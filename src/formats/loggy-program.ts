import { LEVELS } from '../model/level.ts'
import type { Op, Program } from '../model/program.ts'
import type { Resource } from '../model/resource.ts'

const literal = (text: string): Op => ({ op: 'literal', bytes: Buffer.from(text, 'latin1') })
const NONE = new Uint8Array(0)

const TIME: Op = { op: 'time', as: 'written' }
const WITHOUT_ID: readonly Op[] = [literal('{"time":"'), TIME]
const WITH_ID: readonly Op[] = [literal('{"id":"'), { op: 'record-id' }, literal('","time":"'), TIME]

const LEVEL_MEMBERS = ['', ...LEVELS.map((level) => `"level":"${level}",`)]

/** In one: an operation more for each line takes time. Without a stream there is no level. */
function streamAnd(member: string, streams: readonly ('stdout' | 'stderr' | 'unknown')[]): Op[] {
  return streams.map((stream) => {
    const literals = LEVEL_MEMBERS.map((level) => Buffer.from(`","stream":"${stream}",${level}${member}`))
    return { op: 'if', when: { stream }, ops: [{ op: 'level', literals }] }
  })
}
const TEXT: Op = {
  op: 'if',
  when: { form: 'text' },
  ops: [...streamAnd('"log":"', ['stdout', 'stderr', 'unknown']), { op: 'body', as: 'string' }],
}
const JSON_OBJECT: Op = {
  op: 'if',
  when: { form: 'json' },
  ops: [...streamAnd('"json":', ['stdout', 'stderr']), { op: 'body', as: 'json' }],
}
const FLAGS: readonly Op[] = [
  { op: 'if', when: { form: 'text' }, ops: [literal('"')] },
  { op: 'if', when: { is: 'malformed' }, ops: [literal(',"malformed":true')] },
  { op: 'if', when: { is: 'partial' }, ops: [literal(',"partial":true')] },
  { op: 'if', when: { is: 'lost' }, ops: [literal(',"lost":'), { op: 'lost' }] },
  {
    op: 'if',
    when: { is: 'truncated' },
    ops: [literal(',"truncated":true,"originalBytes":'), { op: 'original-bytes', as: 'decimal' }],
  },
]

/** Entries in schema `loggy`, a line of JSON each: those of NDJSON, and what the tap shows. */
export function compileLoggy({ fields, kubernetes }: Resource, options: { readonly hasIds: boolean }): Program {
  const fixed = wellFormed(JSON.stringify(fields)).slice(1, -1)
  const beginning = fixed === '' ? '' : `,${fixed}`
  return loggyProgram(Buffer.from(`${beginning},"kubernetes":${wellFormed(JSON.stringify(kubernetes))}}\n`), options)
}

/** `resource`: what ends each entry, from the comma on. */
export function loggyProgram(resource: Uint8Array, { hasIds = false }: { readonly hasIds?: boolean } = {}): Program {
  // In one with the quote before it: a literal more for each line takes time.
  const quoted = Buffer.concat([Buffer.from('"'), resource])
  const unquoted: Op = { op: 'literal', bytes: quoted.subarray(1) }
  const ops: Op[] = [
    ...(hasIds ? WITH_ID : WITHOUT_ID),
    TEXT,
    JSON_OBJECT,
    {
      op: 'if',
      when: { usual: true },
      ops: [
        { op: 'if', when: { form: 'text' }, ops: [{ op: 'literal', bytes: quoted }] },
        { op: 'if', when: { form: 'json' }, ops: [unquoted] },
      ],
    },
    { op: 'if', when: { usual: false }, ops: [...FLAGS, unquoted] },
  ]
  return { ops, head: NONE }
}

/** Half a surrogate pair, which is all that `JSON.stringify` writes so, makes strict parsers refuse each entry of the container. */
function wellFormed(json: string): string {
  return json.replace(/\\(?:ud[89a-f]..|.)/g, (written) => (written.length > 2 ? '\ufffd' : written))
}
