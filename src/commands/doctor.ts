import { kubeletOf } from '../agent/kubelet-of.ts'
import { probeSink } from '../agent/probe.ts'
import { loadConfig } from '../config/load.ts'
import { flagsHelp } from '../config/options-table.ts'
import type { Config } from '../config/schema.ts'
import { connectClient } from '../kube/client.ts'
import { systemClock } from '../lib/clock.ts'
import { describeError } from '../lib/errors.ts'
import { createLog } from '../telemetry/log.ts'
import type { CheckIo } from './check.ts'
import { checkApi, checkKubelet } from './doctor/check-api.ts'
import { checkLogs } from './doctor/check-logs.ts'
import { checkDescriptors, checkMemory } from './doctor/check-process.ts'
import { checkState } from './doctor/check-state.ts'
import { type Finding, fail, lineOf, ok } from './doctor/finding.ts'
import { withRunArguments } from './run-arguments.ts'

/** Milliseconds for each question to a server. */
const ANSWER_MS = 10_000

const usage = `Usage: loggy doctor [OPTION…]

Checks, on a node, that an agent with the same options and variables could do its work: the folders of logs and where their links lead,
rights, open files, memory, the folder of positions, the API server, the kubelet, the clock, and the destination, which gets one marked
entry. One line for each check: ok, warn or fail, and what to do. The exit code is 1 if one failed.

  kubectl -n loggy exec ds/loggy -- loggy doctor --config /etc/loggy/loggy.yaml

${flagsHelp()}`

/** `loggy doctor`: resolves with the exit code: 0, 1 if a check failed, 2 if the configuration is invalid. */
export async function doctor(argv: readonly string[], io: CheckIo): Promise<number> {
  return await withRunArguments(argv, {
    usage,
    stdout: io.stdout,
    stderr: io.stderr,
    async act(given) {
      const config = await loadConfig({ ...given, env: io.env })
      let hasFailed = false
      for await (const finding of findings(config, io)) {
        hasFailed ||= finding.state === 'fail'
        io.stdout.write(lineOf(finding))
      }
      return hasFailed ? 1 : 0
    },
  })
}

async function* findings(config: Config, io: CheckIo): AsyncGenerator<Finding> {
  const logs = checkLogs(config.source.directory)
  yield* logs.findings
  yield checkDescriptors(logs.logCount)
  yield checkMemory()
  yield checkState(config.state.directory)
  yield* checkServers(config, io)
  yield await checkSink(config, io)
}

async function* checkServers(config: Config, { env, signal }: CheckIo): AsyncGenerator<Finding> {
  const parts = { clock: systemClock, env }
  const limited = () => AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)])
  try {
    const client = connectClient(config.kubernetes, parts)
    yield* checkApi(config, { client, clock: systemClock, signal: limited() })
    const kubelet = kubeletOf(config, parts)
    if (kubelet !== undefined)
      yield await checkKubelet(config.kubernetes.kubeletUrl, { ...kubelet, clock: systemClock, signal: limited() })
  } catch (error) {
    yield fail('connection', `${describeError(error)}.`)
  }
}

async function checkSink(config: Config, { env, stderr, signal }: CheckIo): Promise<Finding> {
  if (config.sink.type === 'stdout') return ok('sink', 'Entries go to standard output: nothing to try.')
  const log = createLog('error', stderr)
  const { isAccepted, text } = await probeSink(config, { env, clock: systemClock, log, signal })
  return isAccepted ? ok('sink', `${text}.`) : fail('sink', `${text}. docs/troubleshooting.md says what may help.`)
}
