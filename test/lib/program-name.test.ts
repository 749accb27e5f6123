import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asCalled, isKubectlCompletion, programName } from '../../src/lib/program-name.ts'

test('a link with the name of a plugin is a plugin of kubectl', () => {
  assert.equal(programName('/usr/local/bin/kubectl-loggy'), 'kubectl loggy')
  assert.equal(programName('/usr/local/bin/loggy'), 'loggy')
  assert.equal(programName('/app/loggy.mjs'), 'loggy')
  assert.equal(programName(''), 'loggy')
})

test('a link with the name that kubectl looks for completes the plugin', () => {
  assert.ok(isKubectlCompletion('/usr/local/bin/kubectl_complete-loggy'))
  assert.ok(!isKubectlCompletion('/usr/local/bin/kubectl-loggy'))
})

test('help of a plugin names the program as it is called, and leaves other words alone', () => {
  const help =
    "Usage: loggy tail [options]\n  kubectl -n loggy logs -f ds/loggy | loggy view -l app=loggy\nSee 'loggy tail --help'.\n"
  assert.equal(asCalled(help, 'loggy'), help)
  assert.equal(
    asCalled(help, 'kubectl loggy'),
    "Usage: kubectl loggy tail [options]\n  kubectl -n loggy logs -f ds/loggy | kubectl loggy view -l app=loggy\nSee 'kubectl loggy tail --help'.\n",
  )
})
