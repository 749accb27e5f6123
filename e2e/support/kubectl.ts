import { execFile, spawn } from 'node:child_process'
import { promisify } from 'node:util'

const [command, ...leadingArguments] = kubectlCommand(process.env)
const execute = promisify(execFile)

/** The command, and arguments that all calls begin with: `KUBECTL` names them. */
export function kubectlCommand(env: NodeJS.ProcessEnv): [string, ...string[]] {
  const [name = 'kubectl', ...leading] = (env.KUBECTL ?? 'kubectl').split(/\s+/)
  return [name, ...leading]
}

/** Resolves with what kubectl printed; rejects, with its complaint in the message, when it fails. */
export async function kubectl(...args: string[]): Promise<string> {
  const { stdout } = await execute(command, [...leadingArguments, ...args], { maxBuffer: 64 * 1024 * 1024 })
  return stdout
}

/** The same, as bytes. */
export async function kubectlBytes(...args: string[]): Promise<Buffer> {
  const options = { maxBuffer: 64 * 1024 * 1024, encoding: 'buffer' } as const
  return (await execute(command, [...leadingArguments, ...args], options)).stdout
}

/** The same, with its output parsed: for `--output json`. */
export async function kubectlJson<Shape>(...args: string[]): Promise<Shape> {
  return JSON.parse(await kubectl(...args, '--output', 'json'))
}

/** The kubeconfig that kubectl uses, of one context, with what it names as files in it. */
export async function kubeConfigText(): Promise<string> {
  return await kubectl('config', 'view', '--raw', '--flatten', '--minify')
}

/** Runs kubectl until the signal aborts; its standard output is a pipe, its standard error the terminal's. */
export function startKubectl(args: readonly string[], signal: AbortSignal) {
  const child = spawn(command, [...leadingArguments, ...args], { stdio: ['ignore', 'pipe', 'inherit'], signal })
  // An abort is reported as an error, though it is the wanted end; any other error ends the output too.
  child.on('error', () => undefined)
  return child.stdout
}
