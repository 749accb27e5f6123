import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { test } from 'node:test'
import { parse, parseAllDocuments } from 'yaml'
import { parseOptions } from '../e2e/runner/options.ts'
import manifest from '../package.json' with { type: 'json' }
import { CHART } from '../scripts/rendered-chart.ts'
import type { DaemonSet, KubernetesObject } from './manifests/objects.ts'
import { type PageCommand, pageCommands, unknownCode } from './support/page-commands.ts'
import { yamlBlocks } from './support/pages.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

const root = join(import.meta.dirname, '..')
const scenario = (name: string) => `e2e/scenarios/${name}.test.ts`

/** Where a command of a page is run on a cluster or against a real server, and words by which that file shows that it does. */
const RUN_BY: readonly (readonly [command: RegExp, file: string, ...shownBy: string[]])[] = [
  [
    /^helm .*\b(install|upgrade|rollback|uninstall|test) /,
    'e2e/support/release.ts',
    "'rollback'",
    "'uninstall'",
    "'test'",
  ],
  [
    /^kubectl (apply|delete) -k manifests$/,
    'e2e/support/installation.ts',
    "over('manifests'",
    "'delete', '--kustomize'",
  ],
  [
    /^kubectl apply -k manifests\/examples\/counter$/,
    'e2e/support/installation.ts',
    "over('manifests/examples/counter')",
  ],
  [/-k manifests\/cleanup$|daemonset\/loggy-cleanup$/, 'e2e/support/state-folder.ts', 'manifests/cleanup', "'rollout'"],
  [/^kubectl apply -k rbac$/, scenario('the-agent-may-do-what-it-must-and-nothing-else'), 'as they are'],
  [/^kubectl apply -k rbac\/events$/, scenario('owners-are-told-of-hints-that-are-ignored'), 'rbac/events'],
  [/^kubectl apply -k rbac\/kubelet$/, scenario('the-kubelet-tells-what-pods-its-node-has'), 'rbac/kubelet'],
  [/^kubectl apply -k rbac\/reader$/, scenario('a-person-is-told-where-logs-are-and-sees-them-come'), 'rbac/reader'],
  [/^kubectl -n loggy logs (-f )?daemonset\/loggy$/, 'e2e/support/scene.ts', "'logs'"],
  [/^kubectl -n loggy rollout status daemonset\/loggy$/, 'e2e/support/installation.ts', "'rollout', 'status'"],
  [/^kubectl get --raw \S+:9180\/proxy\/readyz$/, scenario('an-agent-tells-how-it-is'), ':9180/proxy/'],
  [
    /^kubectl delete namespace loggy$/,
    scenario('the-chart-is-installed-upgraded-rolled-back-and-removed'),
    "'delete', 'namespace'",
  ],
  [/^curl -X PUT \S+\/_index_template\/loggy /, 'e2e/backends/elasticsearch.ts', '/_index_template/loggy'],
  [/^curl \S+\/select\/logsql\/query /, 'e2e/backends/long-lines.ts', '/select/logsql/query'],
  [/^kubectl .*-- loggy |^(npx )?loggy(-agent)?\b/, 'test/docs-commands.test.ts', 'runThere'],
  [/^npx loggy-agent demo$|^npm install (-g|node@26) loggy-agent$/, 'test/package.test.ts', "'npx', ['loggy', 'demo'"],
  [/^npm run demo/, 'test/commands/demo.test.ts', "'--json'"],
]

/** What no test here can run, each for a reason; what it names is looked for in the manifests and the chart. */
const LOOKED_AT: readonly RegExp[] = [
  /^kubectl apply -k rbac\/own-account$/, // it changes what the whole cluster allows
  /^kubectl -n loggy port-forward daemonset\/loggy 9181$/, // it never ends; Loggy's own port-forward is run
  /^kubectl -n loggy create secret generic loki --from-literal=password=…$/,
  /^kubectl label namespace loggy pod-security\.kubernetes\.io\/enforce=privileged$/,
  /^(kubectl kustomize manifests|sed s\|loggy:dev\||kubectl apply -f -$)/, // the test of the manifests has what they are made of
  /^kubectl -n loggy describe (daemonset|pod)$/,
  /^(docker|minikube|kind|kustomize|export) /, // programs that a reader need not have; the image is built by the workflows
  /^(bash|node|npm) /, // how Loggy itself is built and tested
  /^jq /,
]

/** What a sentence says of a program in general. */
const GENERAL =
  /^(kubectl (apply|describe pod|exec POD -- .*|debug POD --image=busybox|get --selector|logs( --timestamps)?|loggy|port-forward|certificate approve|…)|helm (test|template|install)|npm (run|test)|npx loggy|minikube stop|sed -i|node --test( \S+)?)$/

const text = ({ words }: PageCommand) => words.join(' ')
const whereOf = (command: PageCommand) => `${command.page}: ${text(command)}`
const of = (program: string) => pageCommands.filter(({ words }) => words[0] === program)

const files = globSync(['manifests/**/*.yaml', 'rbac/**/*.yaml'], { cwd: root })
const objects = files
  .flatMap((file) => parseAllDocuments(readFileSync(join(root, file), 'utf8')).map((document) => document.toJS()))
  .filter((object): object is KubernetesObject => object?.metadata?.name !== undefined)
const values = parse(readFileSync(join(CHART, 'values.yaml'), 'utf8'))

test('each line of code in a page is a command of a known program, or known to be none', () => {
  assert.deepEqual(unknownCode, [])
})

test('each command in a page is run by a test, or looked at by this one', () => {
  assert.ok(pageCommands.length > 150)
  for (const command of pageCommands) {
    const [, file, ...shownBy] = RUN_BY.find(([pattern]) => pattern.test(text(command))) ?? []
    if (file === undefined) {
      const isKnown = LOOKED_AT.some((pattern) => pattern.test(text(command)))
      assert.ok(isKnown || (command.isMention && GENERAL.test(text(command))), `${whereOf(command)}: who runs it?`)
      continue
    }
    const source = readFileSync(join(root, file), 'utf8')
    for (const words of shownBy) assert.ok(source.includes(words), `${whereOf(command)}: ${file} has no ${words}`)
  }
})

test('no row of these tables is left over', () => {
  for (const pattern of [...RUN_BY.map(([command]) => command), ...LOOKED_AT])
    assert.ok(
      pageCommands.some((command) => pattern.test(text(command))),
      String(pattern),
    )
})

test('commands of kubectl name folders, objects and ports that there are', () => {
  const daemonSet = objects.find(({ kind }) => kind === 'DaemonSet') as unknown as DaemonSet
  const [agent] = daemonSet.spec.template.spec.containers
  const ports = agent?.ports?.map(({ containerPort }) => containerPort) ?? []
  const mount = agent?.volumeMounts.find(({ name }) => name === 'config')
  const { api } = parse(readFileSync(join(root, 'manifests/loggy.yaml'), 'utf8')) ?? {}
  for (const command of of('kubectl')) {
    const where = whereOf(command)
    const { words } = command
    const behind = (flag: string) => words[words.indexOf(flag, 1) + 1] ?? ''
    if (words.includes('-k')) assert.ok(existsSync(join(root, behind('-k'), 'kustomization.yaml')), where)
    const namespace = words.includes('-n') ? behind('-n') : undefined
    const named = words.includes('namespace') ? behind('namespace') : namespace
    if (named !== undefined) assert.ok(has('Namespace', named), where)
    for (const [, kind = '', name = ''] of text(command).matchAll(/\b(ds|daemonset)\/([\w-]+)/g))
      assert.ok(has('DaemonSet', name, namespace), `${where}: ${kind}`)
    const [, probed] = /\/pods\/\S+:(\d+)\/proxy/.exec(text(command)) ?? []
    if (probed !== undefined) assert.ok(ports.includes(Number(probed)), where)
    if (words.includes('port-forward') && words.length > 2) assert.equal(Number(words.at(-1)), api?.port ?? 9181, where)
    const [, config] = /--config (\S+)/.exec(text(command)) ?? []
    if (config !== undefined) assert.equal(config, `${mount?.mountPath}/loggy.yaml`, where)
    const [, secret] = /create secret generic (\S+)/.exec(text(command)) ?? []
    const example = yamlBlocks(command.page).find(({ keys }) => keys.includes('secrets'))
    if (secret !== undefined) assert.ok(parse(example?.text ?? '').secrets.includes(secret), where)
  }
})

function has(kind: string, name: string, namespace?: string): boolean {
  return objects.some(
    ({ kind: its, metadata }) =>
      its === kind && metadata.name === name && (namespace ?? name) === (metadata.namespace ?? namespace ?? name),
  )
}

/** With the file of values that the page shows. */
test('commands of Helm name the chart, values that it has, and the same release everywhere', () => {
  const image = `registry.example/${values.image.repository}:${manifest.version}`
  for (const command of of('helm')) {
    const where = whereOf(command)
    const [chart] = command.words.filter((word) => word.startsWith('charts/'))
    if (chart !== undefined) assert.equal(join(root, chart), CHART, where)
    for (const [, key = ''] of text(command).matchAll(/--set ([\w.]+)=/g))
      assert.ok(key.split('.').reduce((node, name) => node?.[name], values) !== undefined, `${where}: ${key}`)
    if (!command.isMention) assert.match(text(command), /-n loggy\b/, where)
  }
  for (const command of [...of('docker'), ...of('kustomize'), ...of('minikube'), ...of('kind'), ...of('sed')])
    for (const [name] of text(command).matchAll(/(registry\.example\/)?loggy:\d[\w.]*/g))
      assert.ok(image.endsWith(name), whereOf(command))
})

const inPath = (program: string) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)))

const helm = process.env.HELM ?? (inPath('helm') ? 'helm' : undefined)
test('Helm takes the commands of the pages', {
  skip: helm === undefined && 'no Helm: put it into PATH, or name it in HELM',
}, (t) => {
  const given = of('helm').filter(({ words }) => words.includes('charts/loggy'))
  assert.ok(given.length > 3)
  for (const command of given) {
    const file = join(temporaryDirectory(t), 'my-values.yaml')
    const example = yamlBlocks(command.page).find(({ keys }) => keys.includes('secrets'))
    writeFileSync(file, example?.text ?? '')
    const argv = command.words.filter((word) => !/^(helm|install|upgrade|--install|--create-namespace)$/.test(word))
    const here = argv.map((word) => (word === 'my-values.yaml' ? file : word.replace('charts/loggy', CHART)))
    const made = execFileSync(helm ?? '', ['template', ...here], { encoding: 'utf8' })
    assert.match(made, /^kind: DaemonSet$/m, whereOf(command))
  }
})

test('commands for who works on Loggy name scripts, files and options that there are', () => {
  const scripts: Readonly<Record<string, string>> = manifest.scripts
  for (const command of pageCommands) {
    const [program, ...words] = command.words
    const where = whereOf(command)
    if (program === 'npm' && words[0] === 'run' && words[1] !== undefined) assert.ok(scripts[words[1]], where)
    if (program === 'npm' && words[0] === 'install') assert.equal(words.at(-1), manifest.name, where)
    if (program === 'npx') assert.ok(words[0] === manifest.name || Object.hasOwn(manifest.bin, words[0] ?? ''), where)
    const [name] = program === 'node' || program === 'bash' ? words.filter((word) => !word.startsWith('-')) : []
    if (name !== undefined && !name.endsWith('…')) assert.ok(existsSync(join(root, name)), where)
    if (text(command).startsWith('npm run e2e -- ')) {
      const cluster = words.includes('--build')
        ? { KUBECONFIG: 'given', LOGGY_IMAGE: 'loggy:1' }
        : { KUBECONFIG: 'given' }
      const env = words.includes('--image') || words.includes('--build') ? cluster : { LOGGY_E2E_CLUSTER: 'program' }
      assert.notEqual(parseOptions(words.slice(3), env), 'help', where)
    }
    const [, backend] = /^npm run e2e:backends -- (\w+)/.exec(text(command)) ?? []
    if (backend !== undefined) assert.ok(existsSync(join(root, `e2e/backends/${backend}.ts`)), where)
    for (const [, file = ''] of text(command).matchAll(/--data-binary @(\S+)/g))
      assert.ok(existsSync(join(root, file)), where)
  }
})

test('jq takes the filters of the pages', { skip: !inPath('jq') && 'no jq here' }, () => {
  const kubernetes = { namespace: 'shop', pod: 'web-1', container: 'app', labels: { app: 'web' } }
  const input = [
    { level: 'info', message: 'started' },
    { log: 'hello', kubernetes },
  ].map((line) => JSON.stringify(line))
  for (const { words } of of('jq')) {
    const shown = execFileSync('jq', words.slice(1), { input: input.join('\n'), encoding: 'utf8' })
    assert.match(shown, /"hello"/, words.join(' '))
  }
})
