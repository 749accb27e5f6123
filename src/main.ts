#!/usr/bin/env node
import { writeSync } from 'node:fs'
import manifest from '../package.json' with { type: 'json' }
import { describeError } from './lib/errors.ts'
import { asCalled, isKubectlCompletion, programName } from './lib/program-name.ts'

const program = programName(process.argv[1] ?? '')

const usage = `Usage: loggy COMMAND [OPTION…]

Collects the container logs of a Kubernetes node and writes each line as one JSON entry with its pod's metadata.

  run      collect the logs of this node
  demo     run it on a simulated node, without a cluster
  view     show entries in a readable form
  tail     show new entries of all nodes of a cluster, from a laptop
  explain  say why the logs of a pod are collected or not, from a laptop
  replay   send refused entries again
  doctor   check, on a node, that the agent can do its work
  check    validate the configuration and print the options in effect; with --probe, send an entry
  completion
           print the completion script for bash, zsh or fish

'loggy COMMAND --help' lists the options of a command. --version prints the version.
`

/** A command's code is loaded only when it is called, so that it costs only its own imports. */
const commands: Readonly<Record<string, (argv: string[], signal: AbortSignal) => Promise<number>>> = {
  run: async (argv, signal) => {
    const stdout = reserveStdout() // before loading anything that might open the stream
    const { run } = await import('./commands/run.ts')
    const onReportRequest = (report: () => void) => process.on('SIGUSR2', report)
    const onReloadRequest = (reload: () => void) => process.on('SIGHUP', reload)
    const { env, stderr } = process
    return run(argv, { env, stdout, stderr, signal, onReportRequest, onReloadRequest, program })
  },
  check: async (argv, signal) => {
    const stdout = reserveStdout() // a probe may go there
    const { stderr, env } = process
    return (await import('./commands/check.ts')).check(argv, { stdout, stderr, env, signal, program })
  },
  doctor: async (argv, signal) => {
    const stdout = reserveStdout()
    const { stderr, env } = process
    return (await import('./commands/doctor.ts')).doctor(argv, { stdout, stderr, env, signal })
  },
  view: async (argv, signal) =>
    (await import('./commands/view.ts')).view(argv, {
      stdin: process.stdin,
      stdout: process.stdout,
      stderr: process.stderr,
      env: process.env,
      signal,
      program,
    }),
  tail: async (argv, signal) => {
    const { stdout, stderr, env } = process
    return (await import('./commands/tail.ts')).tail(argv, { stdout, stderr, env, signal, program })
  },
  explain: async (argv, signal) => {
    const { stdout, stderr, env } = process
    return (await import('./commands/explain.ts')).explain(argv, { stdout, stderr, env, signal, program })
  },
  replay: async (argv, signal) => {
    const stdout = reserveStdout()
    const { stderr, env } = process
    return (await import('./commands/replay.ts')).replay(argv, { stdout, stderr, env, signal, program })
  },
  demo: async (argv, signal) =>
    (await import('./commands/demo.ts')).demo(argv, {
      stdout: process.stdout,
      stderr: process.stderr,
      env: process.env,
      signal,
      execPath: process.execPath,
      mainPath: import.meta.filename,
      program,
    }),
  completion: async (argv) => {
    const { stdout, stderr } = process
    return (await import('./commands/completion.ts')).completion(argv, { stdout, stderr, program })
  },
}

async function main(words: string[]): Promise<number> {
  if (isKubectlCompletion(process.argv[1] ?? '')) {
    const { kubectlComplete } = await import('./commands/kubectl-complete.ts')
    return kubectlComplete(words, process)
  }
  const [name, ...argv] = words
  if (name === '--version') return answer(`${manifest.version}\n`)
  if (name === '--help' || name === '-h' || name === 'help') return answer(asCalled(usage, program))
  if (name === undefined) return refuse(asCalled(usage, program))
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command === undefined) return refuse(`loggy: unknown command '${name}'\n\n${asCalled(usage, program)}`)
  // SIGHUP reloads the configuration. Ignored until the handler is there: the configuration is about to be loaded anyway.
  if (name === 'run') process.on('SIGHUP', () => {})
  return command(argv, endOnSignals(name === 'run' ? daemonEnds : commandEnds))
}

/**
 * Reserves descriptor 1 for entries. When its stream is first accessed, as winston does, Node makes a pipe non-blocking for all processes
 * that share it. Then entries would wait for room by polling: 50,000 lines/s came seconds late. Also keeps libraries from writing there.
 */
function reserveStdout(): { write(text: string): unknown } {
  Object.defineProperty(process, 'stdout', { get: () => process.stderr })
  return { write: (text) => writeSync(1, text) }
}

/** Signals that end a process, and the exit code if the signal is repeated. */
const daemonEnds = { SIGINT: 130, SIGTERM: 143 }
const commandEnds = { SIGHUP: 129, ...daemonEnds }

/** The first signal asks for a clean end; a repetition of the same one ends the process at once. */
function endOnSignals(ends: Readonly<Record<string, number>>): AbortSignal {
  const ending = new AbortController()
  for (const [signal, code] of Object.entries(ends)) {
    let isRepeated = false
    process.on(signal, () => {
      // A different second signal does not count: Ctrl-C reaches every process of a terminal, and a parent may pass it on as SIGTERM.
      if (isRepeated) process.exit(code)
      isRepeated = true
      ending.abort()
    })
  }
  return ending.signal
}

function answer(text: string): number {
  process.stdout.write(text)
  return 0
}

function refuse(text: string): number {
  process.stderr.write(text)
  return 2
}

// A closed standard error is no reason to end, least of all for the agent.
process.stderr.on('error', () => {})

try {
  process.exit(await main(process.argv.slice(2)))
} catch (error) {
  process.stderr.write(`loggy: ${describeError(error)}\n`)
  process.exit(1)
}
