import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseOptions } from '../../e2e/runner/options.ts'

const given = { KUBECONFIG: '/kubeconfig' }

test('without KUBECONFIG the suite makes a kind cluster, which it deletes unless it is told to keep it', () => {
  const target = { kind: 'kind', keep: false, nodeImage: undefined }
  assert.deepEqual(parseOptions([], {}), { target, artifacts: 'e2e-artifacts', files: [] })
  assert.deepEqual(parseOptions([], { KUBECONFIG: '' }), { target, artifacts: 'e2e-artifacts', files: [] })
  const asked = parseOptions(['--keep', '--node-image', 'kindest/node:v1', 'a.test.ts', '--artifacts', 'there'], {})
  assert.deepEqual(asked, {
    target: { kind: 'kind', keep: true, nodeImage: 'kindest/node:v1' },
    artifacts: 'there',
    files: ['a.test.ts'],
  })
})

test('with KUBECONFIG it takes images that are there, by option or by variable', () => {
  const target = { kind: 'given', image: 'a:1', nextImage: undefined, build: undefined }
  assert.deepEqual(parseOptions(['--image', 'a:1'], given), { target, artifacts: 'e2e-artifacts', files: [] })
  const env = { ...given, LOGGY_E2E_IMAGE: 'a:1', LOGGY_E2E_NEXT_IMAGE: 'a:2' }
  assert.deepEqual(targetOf([], env), { ...target, nextImage: 'a:2' })
  assert.deepEqual(targetOf(['--image', 'b:1', '--next-image', 'b:2'], env), {
    ...target,
    image: 'b:1',
    nextImage: 'b:2',
  })
})

test('with a command that builds them the images have names of their own', () => {
  const target = { kind: 'given', image: 'loggy:e2e', nextImage: 'loggy:e2e-next', build: 'make it' }
  assert.deepEqual(targetOf(['--build', 'make it'], given), target)
  assert.deepEqual(targetOf(['--build', 'make it', '--image', 'a:1'], given), { ...target, image: 'a:1' })
})

test('a cluster that a program starts is chosen by its version', () => {
  const target = { kind: 'shared', version: '1.20', keep: false }
  assert.deepEqual(targetOf(['--shared', '1.20'], given), target)
  assert.deepEqual(targetOf(['--shared', '1.20', '--keep'], {}), { ...target, keep: true })
})

test('help is given whatever else there is', () => {
  assert.equal(parseOptions(['-h', '--keep'], given), 'help')
})

test('options that cannot be met are refused, with the reason', () => {
  const faults: [string[], NodeJS.ProcessEnv, RegExp][] = [
    [[], given, /--image or --build/],
    [['--image', ''], given, /--image or --build/],
    [['--keep', '--image', 'a'], given, /--keep is for a kind cluster/],
    [['--node-image', 'x', '--image', 'a'], given, /--node-image is for a kind cluster/],
    [['--image', 'a'], {}, /--image is for the cluster of KUBECONFIG/],
    [['--build', 'a'], {}, /--build is for the cluster of KUBECONFIG/],
    [['--shared', 'new'], {}, /--shared new: expected a version/],
    [['--shared', '1.37', '--image', 'a'], given, /--image is not for a shared cluster/],
    [['--unknown'], {}, /'--unknown'/],
  ]
  for (const [argv, env, message] of faults)
    assert.throws(() => parseOptions(argv, env), { name: 'UsageError', code: 'E2E_USAGE', message }, argv.join(' '))
})

function targetOf(argv: string[], env: NodeJS.ProcessEnv) {
  const options = parseOptions(argv, env)
  return options === 'help' ? options : options.target
}
