import type { Writable } from 'node:stream'
import { connect } from '../ask/access.ts'
import { advise } from '../ask/advice.ts'
import { Agents } from '../ask/agents.ts'
import { type ExplainResult, explainPod } from '../ask/explain.ts'
import { type ExplainOptions, explainUsage, parseExplainArguments } from '../ask/explain-options.ts'
import { systemClock } from '../lib/clock.ts'
import { createOutput } from '../view/output.ts'
import { terminalText } from '../view/terminal-text.ts'

/** The parts of a process that the command uses. */
export interface ExplainIo {
  readonly stdout: Writable
  readonly stderr: Writable
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted on SIGINT or SIGTERM. */
  readonly signal: AbortSignal
}

/**
 * Says why a pod's logs are collected or not. Resolves with the exit code: 0 collected, 1 not collected, 2 invalid arguments,
 * 3 unknown, 130 interrupted by a signal.
 */
export async function explain(argv: readonly string[], io: ExplainIo): Promise<number> {
  const output = createOutput(io.stdout, io.signal)
  const complain = (message: string) => io.stderr.write(`loggy explain: ${terminalText(message)}\n`)
  const request = parseExplainArguments(argv)
  switch (request.kind) {
    case 'help':
      await output.write(Buffer.from(explainUsage))
      return 0
    case 'faulty':
      for (const fault of request.faults) complain(fault)
      io.stderr.write("Try 'loggy explain --help'.\n")
      return 2
    case 'options': {
      const result = await reach(request.options, io)
      if (io.signal.aborted) return 130
      if (result.kind === 'unknown') {
        for (const sentence of result.sentences) complain(sentence)
        return 3
      }
      const lines = result.sentences.map((sentence) => `${terminalText(sentence)}\n`).join('')
      await output.write(request.options.output === 'json' ? withNewline(result.answer) : Buffer.from(lines))
      return result.isCollected ? 0 : 1
    }
  }
}

async function reach({ pod, access }: ExplainOptions, { env, signal }: ExplainIo): Promise<ExplainResult> {
  try {
    const agents = new Agents(connect(access, { env, clock: systemClock }), access)
    return await explainPod(pod, agents, { access, clock: systemClock, signal })
  } catch (error) {
    return { kind: 'unknown', sentences: advise(error) }
  }
}

function withNewline(bytes: Buffer): Buffer {
  return bytes.at(-1) === 0x0a ? bytes : Buffer.concat([bytes, Buffer.from('\n')])
}
