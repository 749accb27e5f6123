import type { Writable } from 'node:stream'
import { stringify } from 'yaml'
import { connect } from '../ask/access.ts'
import { failure } from '../ask/advice.ts'
import { Agents, type PodPlace } from '../ask/agents.ts'
import { type ExplainResult, explainPod } from '../ask/explain.ts'
import { type ExplainOptions, explainUsage, parseExplainArguments, type Subject } from '../ask/explain-options.ts'
import { workloadText } from '../ask/target.ts'
import { systemClock } from '../lib/clock.ts'
import { LoggyError } from '../lib/errors.ts'
import { asCalled, type ProgramName } from '../lib/program-name.ts'
import { createOutput } from '../view/output.ts'
import { terminalText } from '../view/terminal-text.ts'

/** The parts of a process that the command uses. */
export interface ExplainIo {
  readonly stdout: Writable
  readonly stderr: Writable
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted on SIGINT or SIGTERM. */
  readonly signal: AbortSignal
  readonly program?: ProgramName
}

/** A pod, and what is known of it. */
interface Finding {
  readonly pod: PodPlace
  readonly result: ExplainResult
}

/**
 * Says why pods' logs are collected or not. Resolves with the exit code: 0 all are collected; 1 one is not, or, as kubectl, for an error;
 * 3 no agent could be asked; 130 interrupted by a signal.
 */
export async function explain(argv: readonly string[], io: ExplainIo): Promise<number> {
  const output = createOutput(io.stdout, io.signal)
  const complain = (line: string) => io.stderr.write(`${terminalText(line)}\n`)
  const request = parseExplainArguments(argv)
  switch (request.kind) {
    case 'help':
      await output.write(Buffer.from(asCalled(explainUsage, io.program)))
      return 0
    case 'faulty':
      for (const fault of request.faults) complain(`error: ${fault}`)
      complain(asCalled("See 'loggy explain --help' for usage.", io.program))
      return 1
    case 'options':
      try {
        const findings = await findOut(request.options, io)
        if (io.signal.aborted) return 130
        for (const finding of findings)
          for (const sentence of complaintsOf(finding, request.options)) complain(`loggy explain: ${sentence}`)
        await output.write(render(findings, request.options))
        return exitCode(findings)
      } catch (error) {
        if (io.signal.aborted) return 130
        for (const line of failure(error)) complain(line)
        return 1
      }
  }
}

async function findOut(
  { subject, lines, access }: ExplainOptions,
  { env, signal }: ExplainIo,
): Promise<readonly Finding[]> {
  const client = connect(access, { env, clock: systemClock })
  const agents = new Agents(client, access)
  const pods = await podsOf(subject, agents, { namespace: client.namespace, signal })
  const all = await agents.list(signal)
  const findings: Finding[] = []
  for (const pod of pods) {
    const result = await explainPod(pod, { agents, all, access, lines, clock: systemClock, signal })
    findings.push({ pod, result })
  }
  return findings
}

/** Rejects if there is none. `namespace`: where none is named. */
async function podsOf(
  subject: Subject,
  agents: Agents,
  { namespace: usual, signal }: { readonly namespace: string; readonly signal: AbortSignal },
): Promise<readonly PodPlace[]> {
  const namespace = subject.namespace ?? usual
  switch (subject.kind) {
    case 'pod':
      return [await agents.pod({ namespace, name: subject.name }, signal)]
    case 'workload': {
      const workload = workloadText(subject.workload)
      const pods = await agents.pods({ namespace, workload }, signal)
      if (pods.length === 0) throw new LoggyError('NO_PODS', `no pods of ${workload} in namespace ${namespace}`)
      return pods
    }
    case 'selector': {
      const where = subject.isEverywhere ? undefined : namespace
      const pods = await agents.pods({ namespace: where, selector: subject.selector }, signal)
      if (pods.length === 0) throw new LoggyError('NO_PODS', 'no matching resources found')
      return pods
    }
  }
}

function complaintsOf({ pod, result }: Finding, { subject }: ExplainOptions): readonly string[] {
  if (result.kind !== 'unknown') return []
  const name = subject.kind === 'pod' ? '' : `${pod.namespace}/${pod.name}: `
  return result.sentences.map((sentence) => `${name}${sentence}`)
}

function exitCode(findings: readonly Finding[]): number {
  if (findings.some(({ result }) => result.kind === 'answered' && !result.isCollected)) return 1
  return findings.some(({ result }) => result.kind === 'unknown') ? 3 : 0
}

function render(findings: readonly Finding[], { subject, output }: ExplainOptions): Buffer {
  const answered = findings.flatMap(({ pod, result }) => (result.kind === 'answered' ? [{ pod, result }] : []))
  const [first] = answered
  if (first === undefined) return Buffer.alloc(0)
  const isOne = subject.kind === 'pod'
  if (output === 'json' && isOne) return withNewline(first.result.answer)
  if (output === 'text') {
    const ofPod = ({ pod, result }: (typeof answered)[number]) => {
      const lines = result.sentences.map((sentence) => `${isOne ? '' : '  '}${terminalText(sentence)}\n`).join('')
      return isOne ? lines : `${pod.namespace}/${pod.name}\n${lines}`
    }
    return Buffer.from(answered.map(ofPod).join(''))
  }
  const answers = answered.map(({ pod: { namespace, name }, result }) => ({
    ...(isOne ? {} : { namespace, pod: name }),
    ...JSON.parse(result.answer.toString()),
  }))
  const whole = isOne ? answers[0] : { items: answers }
  return Buffer.from(output === 'json' ? `${JSON.stringify(whole)}\n` : stringify(whole))
}

function withNewline(bytes: Buffer): Buffer {
  return bytes.at(-1) === 0x0a ? bytes : Buffer.concat([bytes, Buffer.from('\n')])
}
