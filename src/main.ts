#!/usr/bin/env node
import { writeSync } from 'node:fs'
import manifest from '../package.json' with { type: 'json' }
import { describeError } from './lib/errors.ts'

const usage = `Usage: loggy COMMAND [OPTION…]

Collects the container logs of a Kubernetes node and writes each line as one JSON entry with its pod's metadata.

  run      collect the logs of this node
  demo     show it on a simulated node, without a cluster
  view     read enriched entries as a person
  tail     follow the entries of all nodes of a cluster, from a laptop
  explain  tell why the logs of a pod are collected, or are not, from a laptop
  replay   send entries again that the destination refused
  check    validate the configuration and print what is in effect

'loggy COMMAND --help' tells a command's options. --version prints the version.
`

/** Each is loaded when it is called: a command costs only its own imports. */
const commands: Readonly<Record<string, (argv: string[], signal: AbortSignal) => Promise<number>>> = {
  run: async (argv, signal) => {
    const stdout = reserveStdout() // before anything is loaded that might ask for the stream
    const { run } = await import('./commands/run.ts')
    const onReportAsked = (report: () => void) => process.on('SIGUSR2', report)
    const onReloadAsked = (reload: () => void) => process.on('SIGHUP', reload)
    return run(argv, { env: process.env, stdout, stderr: process.stderr, signal, onReportAsked, onReloadAsked })
  },
  check: async (argv) => (await import('./commands/check.ts')).check(argv, process),
  view: async (argv, signal) =>
    (await import('./commands/view.ts')).view(argv, {
      stdin: process.stdin,
      stdout: process.stdout,
      stderr: process.stderr,
      env: process.env,
      signal,
    }),
  tail: async (argv, signal) => {
    const { stdout, stderr, env } = process
    return (await import('./commands/tail.ts')).tail(argv, { stdout, stderr, env, signal })
  },
  explain: async (argv, signal) => {
    const { stdout, stderr, env } = process
    return (await import('./commands/explain.ts')).explain(argv, { stdout, stderr, env, signal })
  },
  replay: async (argv, signal) => {
    const stdout = reserveStdout()
    const { stderr, env } = process
    return (await import('./commands/replay.ts')).replay(argv, { stdout, stderr, env, signal })
  },
  demo: async (argv, signal) =>
    (await import('./commands/demo.ts')).demo(argv, {
      stdout: process.stdout,
      stderr: process.stderr,
      env: process.env,
      signal,
      execPath: process.execPath,
      mainPath: import.meta.filename,
    }),
}

async function main([name, ...argv]: string[]): Promise<number> {
  if (name === '--version') return answer(`${manifest.version}\n`)
  if (name === '--help' || name === '-h' || name === 'help') return answer(usage)
  if (name === undefined) return refuse(usage)
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command === undefined) return refuse(`loggy: unknown command '${name}'\n\n${usage}`)
  // Nobody ends a daemon by hanging up: it reads its configuration again. One that came too early asks for what is done next anyway.
  if (name === 'run') process.on('SIGHUP', () => {})
  return command(argv, endOnSignals(name === 'run' ? daemonEnds : commandEnds))
}

/**
 * Descriptor 1 is for entries alone. Node makes a pipe non-blocking, for all who share it, when its stream is first asked for, as winston
 * does; entries would then wait for room by the clock: 50,000 lines/s came seconds late. And no library can write among them so.
 */
function reserveStdout(): { write(text: string): unknown } {
  Object.defineProperty(process, 'stdout', { get: () => process.stderr })
  return { write: (text) => writeSync(1, text) }
}

/** Signals that end a process, by the exit code for who insists. */
const daemonEnds = { SIGINT: 130, SIGTERM: 143 }
const commandEnds = { SIGHUP: 129, ...daemonEnds }

/** The first signal asks for an orderly end; the same one again ends at once. */
function endOnSignals(ends: Readonly<Record<string, number>>): AbortSignal {
  const ending = new AbortController()
  for (const [signal, code] of Object.entries(ends)) {
    let isRepeated = false
    process.on(signal, () => {
      // Not any second one: Ctrl-C reaches every process of a terminal, and a parent may pass it on as SIGTERM.
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

// Nobody who reads what is said to people: no reason to end, least of all for the agent.
process.stderr.on('error', () => {})

try {
  process.exit(await main(process.argv.slice(2)))
} catch (error) {
  process.stderr.write(`loggy: ${describeError(error)}\n`)
  process.exit(1)
}
