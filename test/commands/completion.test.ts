import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { completion } from '../../src/commands/completion.ts'
import { program } from '../support/program.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

type Shell = 'bash' | 'zsh' | 'fish'

const paths = (process.env.PATH ?? '').split(delimiter)
const skipOf = (shell: Shell) => (paths.some((path) => existsSync(join(path, shell))) ? false : `no ${shell} here`)

async function run(...argv: string[]) {
  const seen = { stdout: '', stderr: '' }
  const stream = (name: keyof typeof seen) => ({ write: (text: string) => (seen[name] += text) })
  const code = await completion(argv, { stdout: stream('stdout'), stderr: stream('stderr') })
  return { code, ...seen }
}

/** Asks a shell what a person is offered for the last word of a line. A kubectl that answers is in the way. */
async function offersOf(t: TestContext, shell: Shell): Promise<(...words: string[]) => readonly string[]> {
  // One for all questions: zsh keeps there what it found in its own 1,000 functions, which takes it 0.6 s of CPU.
  const folder = temporaryDirectory(t)
  const kubectl = join(folder, 'kubectl')
  writeFileSync(
    kubectl,
    '#!/bin/sh\ncase "$*" in *namespaces*) printf "shop\\nbank\\n" ;; *) echo "pod/asked-$2" ;; esac\n',
  )
  chmodSync(kubectl, 0o755)
  const script = join(folder, 'script')
  writeFileSync(script, (await run(shell)).stdout)
  const env = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}`, HOME: folder, ZDOTDIR: folder }
  return (...words) => {
    const text = execFileSync(shell, COMMANDS[shell](script, ['loggy', ...words]), {
      env,
      cwd: folder,
      encoding: 'utf8',
    })
    return [...new Set(text.split(/\r?\n/))].filter((line) => line !== '')
  }
}

/** How each shell is asked what it would offer. */
const COMMANDS: Readonly<Record<Shell, (script: string, words: readonly string[]) => string[]>> = {
  bash: (script, words) => [
    '--norc',
    '-c',
    `source ${script}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _loggy; printf '%s\\n' "\${COMPREPLY[@]}"`,
    'bash',
    ...words,
  ],
  fish: (script, words) => [
    '--no-config',
    '-c',
    `source ${script}; complete -C ${JSON.stringify(words.join(' '))} | string split -f1 \\t; true`,
  ],
  // There is no way to ask zsh but to press its keys, in a terminal of its own.
  zsh: (script, words) => [
    '-f',
    '-c',
    `zmodload zsh/zpty
zpty -b shell zsh -f -i
drain() { local out; while zpty -r shell out '*'$1'*'; do break; done }
zpty -w shell "PS1= PROMPT=; autoload -Uz compinit; compinit -u -d $PWD/dump; source ${script}"
zpty -w shell 'zstyle ":completion:*" list-prompt ""; zstyle ":completion:*" menu no; LISTMAX=10000; COLUMNS=200'
zpty -w shell 'compadd() { local -a offers; builtin compadd -O offers "$@"; print -rl -- $offers >>'$PWD'/found; builtin compadd "$@" }'
zpty -w shell 'print ready-$((1+1))'; drain ready-2
zpty -n -w shell ${JSON.stringify(words.join(' '))}$'\\t'
zpty -n -w shell $'\\x15print done-$((1+1))\\n'; drain done-2
zpty -d shell
cat $PWD/found; rm $PWD/found`,
  ],
}

for (const shell of ['bash', 'zsh', 'fish'] as const)
  test(`${shell} completes commands, options, their values and names in the cluster`, {
    skip: skipOf(shell),
  }, async (t) => {
    const offers = await offersOf(t, shell)
    const commands = offers('')
    for (const name of ['run', 'demo', 'view', 'tail', 'explain', 'replay', 'check', 'completion'])
      assert.ok(commands.includes(name), `${name} in ${commands}`)
    assert.deepEqual(offers('exp'), ['explain'])
    const options = offers('tail', '--')
    for (const name of ['--selector', '--annotations', '--all-namespaces', '--context', '--output', '--help'])
      assert.ok(options.includes(name), `${name} in ${options}`)
    assert.deepEqual([...offers('tail', '-o', '')].sort(), ['json', 'text', 'wide', 'yaml'])
    assert.deepEqual(offers('view', '--min-level', 'wa'), ['warn'])
    assert.deepEqual([...offers('completion', '')].sort(), ['bash', 'fish', 'zsh'])
    assert.deepEqual([...offers('explain', '-n', '')].sort(), ['bank', 'shop'])
    assert.deepEqual(offers('explain', '-n', 'bank', 'pod/'), ['pod/asked-bank'])
    assert.deepEqual(offers('check', '--config', 'scr'), ['script'])
  })

test('refuses another shell, and explains itself', async () => {
  const { code, stdout, stderr } = await run('tcsh')
  assert.deepEqual([code, stdout], [1, ''])
  assert.match(
    stderr,
    /^error: expected one of bash, zsh, fish; got tcsh\nSee 'loggy completion --help' for usage\.\n$/,
  )
  assert.match((await run('--help')).stdout, /^Usage: loggy completion bash\|zsh\|fish/)
})

test('knows the commands that the program has, each with its options', async () => {
  const help = (...argv: string[]) => execFileSync(process.execPath, [program, ...argv, '--help'], { encoding: 'utf8' })
  const names = Array.from(help().matchAll(/^ {2}([a-z]+)(?: |$)/gm), ([, name = '']) => name)
  const { stdout } = await run('bash')
  const [, offer = ''] = /offer="([^"]*) --help --version"/.exec(stdout) ?? []
  assert.deepEqual(offer.split(' ').sort(), names.sort())
  for (const name of names) {
    const branch = stdout.slice(stdout.indexOf(`      ${name})\n`))
    const known = /offer='(--[^']*)'; else/.exec(branch)?.[1]?.split(' ') ?? []
    for (const [, option = ''] of help(name).matchAll(/^ +(?:-\w, +)?(--[\w-]+)/gm))
      assert.ok(known.includes(option), `${name} ${option}`)
  }
})
