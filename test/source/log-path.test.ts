import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { parseLogPath } from '../../src/source/log-path.ts'

const id = 'a1'.repeat(32)
const uid = '2f1c0a3e-2b7d-4c5e-9a52-0f3f5f1f1e11'

describe('a link into /var/log/pods', () => {
  test('names everything', () => {
    assert.deepEqual(
      parseLogPath(`web-7c5d-x2x9z_shop_app-${id}.log`, `/var/log/pods/shop_web-7c5d-x2x9z_${uid}/app/3.log`),
      {
        namespace: 'shop',
        pod: 'web-7c5d-x2x9z',
        container: 'app',
        uid,
        restartCount: 3,
        containerID: id,
      },
    )
  })

  const cases: [name: string, link: string, target: string, expected: object][] = [
    [
      'dots and dashes in names',
      `a.b-c.d_n-s_my-app-1-${id}.log`,
      `/var/log/pods/n-s_a.b-c.d_${uid}/my-app-1/0.log`,
      { pod: 'a.b-c.d', namespace: 'n-s', container: 'my-app-1', containerID: id },
    ],
    [
      'the config hash of a static pod',
      `kube-proxy-node1_kube-system_kube-proxy-${id}.log`,
      '/var/log/pods/kube-system_kube-proxy-node1_0123456789abcdef0123456789abcdef/kube-proxy/0.log',
      { uid: '0123456789abcdef0123456789abcdef' },
    ],
    [
      'a uid that is any text',
      `p_n_c-${id}.log`,
      '/var/log/pods/n_p_my_own_uid/c/0.log',
      { pod: 'p', uid: 'my_own_uid', container: 'c' },
    ],
    [
      'an id that is not 64 hex digits',
      'p_n_c-docker-1.log',
      `/var/log/pods/n_p_${uid}/c/0.log`,
      { containerID: 'docker-1' },
    ],
    [
      'a name cut before the id',
      `${'p'.repeat(200)}_n_${'c'.repeat(48)}.log`,
      `/var/log/pods/n_${'p'.repeat(200)}_${uid}/${'c'.repeat(60)}/0.log`,
      { container: 'c'.repeat(60), containerID: undefined, restartCount: 0 },
    ],
    [
      'a name cut within the id',
      `${'p'.repeat(200)}_n_${'c'.repeat(38)}-a1a1a1a1a.log`,
      `/var/log/pods/n_${'p'.repeat(200)}_${uid}/${'c'.repeat(38)}/0.log`,
      { container: 'c'.repeat(38), containerID: 'a1a1a1a1a' },
    ],
  ]
  for (const [name, link, target, expected] of cases) {
    test(`copes with ${name}`, () =>
      assert.deepEqual({ ...parseLogPath(link, target), ...expected }, parseLogPath(link, target)))
  }
})

describe('a name alone', () => {
  const unknown = { uid: undefined, restartCount: undefined }
  test('tells pod, namespace, container and id', () => {
    const expected = { namespace: 'n', pod: 'a.b', container: 'my-app', containerID: id, ...unknown }
    assert.deepEqual(parseLogPath(`a.b_n_my-app-${id}.log`, undefined), expected)
    assert.deepEqual(
      parseLogPath(`a.b_n_my-app-${id}.log`, `/var/lib/docker/containers/${id}/${id}-json.log`),
      expected,
    )
  })
  test('that was cut tells what is left of it', () => {
    const link = `${'p'.repeat(200)}_n_${'c'.repeat(48)}`
    assert.equal(link.length, 251)
    assert.deepEqual(parseLogPath(`${link}.log`, undefined), {
      namespace: 'n',
      pod: 'p'.repeat(200),
      container: 'c'.repeat(48),
      containerID: undefined,
      ...unknown,
    })
  })
})

for (const [link, target] of [
  ['', undefined],
  ['syslog', undefined],
  ['README.txt', undefined],
  ['a_b_c.log', undefined],
  ['a_b.log', '/elsewhere/x.log'],
  ['a_b_c_d-1.log', undefined],
  ['A_b_c-1.log', undefined],
  ['_b_c-1.log', undefined],
  ['a__c-1.log', undefined],
  ['a_b_-1.log', undefined],
  ['x.log', '/var/log/pods/n_p_uid/c/zero.log'],
  ['x.log', '/var/log/pods/n_p/c/0.log'],
] as const) {
  test(`takes ${JSON.stringify(link)} → ${target} for no container log`, () =>
    assert.equal(parseLogPath(link, target), undefined))
}

test('gives back the names of any container, cut or not', () => {
  const label = (maxLength: number) =>
    fc
      .stringMatching(new RegExp(`^[a-z0-9]([-a-z0-9]{0,${maxLength - 2}}[a-z0-9])?$`))
      .filter((name) => name.length <= maxLength)
  fc.assert(
    fc.property(label(150), label(63), label(63), fc.nat(99), (pod, namespace, container, restartCount) => {
      const link = `${pod}_${namespace}_${container}-${id}`.slice(0, 251)
      const parsed = parseLogPath(
        `${link}.log`,
        `/var/log/pods/${namespace}_${pod}_${uid}/${container}/${restartCount}.log`,
      )
      const cutID = link.slice(`${pod}_${namespace}_${container}-`.length)
      assert.deepEqual(parsed, {
        namespace,
        pod,
        container,
        uid,
        restartCount,
        containerID: cutID === '' ? undefined : cutID,
      })
    }),
  )
})

test('never throws', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.option(fc.string(), { nil: undefined }),
      (link, target) => void parseLogPath(link, target),
    ),
  )
})
