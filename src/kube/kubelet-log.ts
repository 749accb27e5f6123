import type { Clock } from '../lib/clock.ts'
import { describeError, LoggyError, systemCode } from '../lib/errors.ts'
import { Trouble } from '../lib/trouble.ts'
import type { Log } from '../model/log.ts'
import { ApiError } from './api-error.ts'

/** Error codes of Node for a certificate that is not to be trusted: signed by nobody known, for another name, or out of date. */
const DISTRUST = /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|ERR_TLS_CERT_ALTNAME|CERT_)/

/** Logs when questions to the kubelet begin to fail, when they fail in another way, and when they are answered again. */
export class KubeletLog {
  readonly #log: Log
  readonly #trouble: Trouble

  constructor({ log, clock }: { readonly log: Log; readonly clock: Clock }) {
    this.#log = log
    this.#trouble = new Trouble(clock)
  }

  fail(error: unknown): void {
    const { kind, message, isFault } = faultOf(error)
    if (!this.#trouble.note(kind)) return
    const fields = { error: describeError(error) }
    if (isFault) this.#log.error(message, fields)
    else this.#log.warn(message, fields)
  }

  succeed(): void {
    if (this.#trouble.end() > 0) this.#log.info('The kubelet answers again')
  }

  invalid(error: unknown): void {
    this.#log.warn('Invalid pod from the kubelet: ignored', { error: describeError(error) })
  }
}

/** What went wrong, in words that say what to do. `isFault`: nothing but a change of the set-up helps. */
export function faultOf(error: unknown): {
  readonly kind: string
  readonly message: string
  readonly isFault: boolean
} {
  if (error instanceof ApiError) {
    const { code } = error.status
    if (code === 403)
      return {
        kind: '403',
        message:
          'The kubelet refuses: the ClusterRole must allow get on nodes/pods (rbac/kubelet), which kubelets know from 1.33 on; retrying',
        isFault: true,
      }
    if (code === 401)
      return {
        kind: '401',
        message: 'The kubelet does not accept the token, which it has the API server review; retrying',
        isFault: false,
      }
    return { kind: `${code}`, message: 'The kubelet does not give its pods; retrying', isFault: code === 404 }
  }
  const code = causeCode(error)
  if (code !== undefined && DISTRUST.test(code))
    return {
      kind: code,
      message:
        "The kubelet's certificate cannot be verified, so it gets no token: kubernetes.kubeletCaFile must have its authority; retrying",
      isFault: true,
    }
  return {
    kind: error instanceof LoggyError ? error.code : 'other',
    message: 'Cannot ask the kubelet for its pods; retrying',
    isFault: false,
  }
}

/** The code of the error that began it. */
function causeCode(error: unknown): string | undefined {
  return error instanceof Error && error.cause !== undefined ? causeCode(error.cause) : systemCode(error)
}
