import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { connectKubelet, type KubeClient } from '../../src/kube/client.ts'
import { faultOf } from '../../src/kube/kubelet-log.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { KubeletServer } from '../../src/simulation/kubelet-server.ts'
import { kubeconfig as textOf } from '../support/kubeconfig.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { selfSignedCertificate } from './certificate.ts'

const TOKEN = 'of the service account'
const { signal } = new AbortController()

/** A kubelet, and a client for it whose kubeconfig is for another server. `cluster`: further fields of that. */
async function setUp(
  t: TestContext,
  {
    tls = selfSignedCertificate({ name: 'node-1' }),
    trusted = tls.cert,
    cluster = {},
  }: { readonly tls?: { key: string; cert: string }; readonly trusted?: string; readonly cluster?: object },
) {
  const directory = temporaryDirectory(t)
  const server = await KubeletServer.start({ tls, token: TOKEN, pods: () => [] })
  t.after(() => server.close())
  const [kubeconfig, caFile] = [join(directory, 'kubeconfig'), trusted === '' ? '' : join(directory, 'ca.crt')]
  writeFileSync(kubeconfig, textOf({ server: 'https://10.96.0.1', ...cluster }, { token: TOKEN }))
  if (caFile !== '') writeFileSync(caFile, trusted)
  const kubelet = { url: server.url, node: 'node-1', caFile }
  const client = connectKubelet({ kubeconfig, kubelet }, { clock: systemClock, env: {} })
  return { server, client, caFile }
}

const ask = async (client: KubeClient) => await text((await client.get('/pods', {}, signal)).body)

const base64 = (pem: string) => Buffer.from(pem).toString('base64')

test('a kubelet gets the token if its certificate is of the file, though it has no name but its node', async (t) => {
  const { server, client } = await setUp(t, {})
  assert.match(await ask(client), /^{"kind":"PodList","apiVersion":"v1","metadata":{},"items":\[\]}/)
  assert.deepEqual(server.requests, [`Bearer ${TOKEN}`])
})

test('without a file it is trusted as the API server is, by its address', async (t) => {
  const tls = selfSignedCertificate()
  const cluster = { 'certificate-authority-data': base64(tls.cert) }
  const { server, client } = await setUp(t, { tls, trusted: '', cluster })
  await ask(client)
  assert.deepEqual(server.requests, [`Bearer ${TOKEN}`])
})

const distrusted = {
  'a certificate that nobody has signed': { trusted: selfSignedCertificate({ name: 'node-1' }).cert },
  'a certificate of another node': { tls: selfSignedCertificate({ name: 'node-2' }) },
  'a certificate that nobody has signed, with a kubeconfig that trusts every server': {
    trusted: selfSignedCertificate({ name: 'node-1' }).cert,
    cluster: { 'insecure-skip-tls-verify': true },
  },
  'no file and the authority of a kubeconfig that names another server': {
    tls: selfSignedCertificate({ name: 'node-2' }),
    trusted: '',
    cluster: { 'insecure-skip-tls-verify': true, 'tls-server-name': 'node-2' },
  },
}

for (const [name, options] of Object.entries(distrusted)) {
  test(`a kubelet gets no request at all with ${name}`, async (t) => {
    const { server, client } = await setUp(t, options)
    await assert.rejects(ask(client), (error) => {
      assert.match(faultOf(error).message, /certificate cannot be verified, so it gets no token/)
      return true
    })
    assert.deepEqual(server.requests, [])
  })
}

test('another file of certificates counts from the next question on after a failure', async (t) => {
  const other = selfSignedCertificate({ name: 'node-1' })
  const tls = selfSignedCertificate({ name: 'node-1' })
  const { client, caFile } = await setUp(t, { tls, trusted: other.cert })
  await assert.rejects(ask(client), { code: 'KUBE_UNREACHABLE', message: /no answer from the kubelet/ })
  writeFileSync(caFile, tls.cert)
  await ask(client)
})

test('a refusal names the kubelet', async (t) => {
  const { server, client } = await setUp(t, {})
  server.allow(false)
  await assert.rejects(ask(client), { message: /^the kubelet answered 403: Forbidden \(user=.*\[pods proxy\]\)$/ })
})
