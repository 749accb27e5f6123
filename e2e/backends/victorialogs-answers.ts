import type { AnswerCase, Environment, Trouble } from './backend.ts'

const FULL_DISK = '-storage.minFreeDiskSpaceBytes=10TB'

/** It is started again, as if its disk were full: 429 to everything. */
export const fullDisk: Trouble = async ({ kit, during }) => {
  await kit.down('victorialogs')
  await kit.up('victorialogs', FULL_DISK)
  await during()
  await kit.down('victorialogs')
  await kit.up('victorialogs')
}

/** What VictoriaLogs answers to each protocol: with a full disk, and without the right password. `url`: where entries go. */
export function victoriaLogsAnswers(type: string, url: (env: Environment) => string): AnswerCase[] {
  const user = '-httpAuth.username=loggy -httpAuth.password=secret'
  return [
    {
      what: '429 since its disk is full',
      flags: FULL_DISK,
      sink: (env) => ({ type, url: url(env) }),
      expected: { is: 'waits', error: /^HTTP 429: .*read-only/ },
    },
    {
      what: '401 without a password',
      flags: user,
      sink: (env) => ({ type, url: url(env) }),
      expected: { is: 'waits', error: /^HTTP 401.*credentials/ },
    },
    {
      what: '400 since the path is wrong',
      sink: ({ VICTORIALOGS }) => ({ type, url: `${VICTORIALOGS}/nowhere` }),
      expected: { is: 'waits', error: /^HTTP 400: .*unsupported path/ },
    },
    {
      what: 'TLS',
      sink: ({ VICTORIALOGS = '', VICTORIALOGS_TLS = '', VICTORIALOGS_CA, ...env }) => {
        const secure = url({ ...env, VICTORIALOGS }).replace(VICTORIALOGS, VICTORIALOGS_TLS)
        return { type, url: secure, tls: { caFile: VICTORIALOGS_CA } }
      },
      expected: { is: 'stored' },
    },
  ]
}
