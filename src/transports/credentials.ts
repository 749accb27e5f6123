import { readFile } from 'node:fs/promises'
import type { Clock } from '../lib/clock.ts'
import { describeError } from '../lib/errors.ts'
import { SinkError } from '../lib/sink-error.ts'

/** A user's name, and the paths of the credential files; empty for none. */
export interface CredentialOptions {
  readonly tokenFile: string
  /** The header with the token, and what stands before it; a bearer token, if absent. */
  readonly tokenAs?: { readonly header: string; readonly prefix: string }
  readonly username: string
  readonly passwordFile: string
  readonly tls: {
    readonly caFile: string
    readonly certFile: string
    /** Empty: the key is in `certFile`. */
    readonly keyFile: string
  }
}

/** The current contents of the files. */
export interface Credential {
  /** Headers by name, in small letters. */
  readonly headers: Readonly<Record<string, string>>
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string }
}

/** Milliseconds. The files are small, and whatever renews them leaves the old ones valid for minutes. */
const REREAD_MS = 1000
const BEARER = { header: 'authorization', prefix: 'Bearer ' }

/** Token or password, certificates and key from files, which may be renewed while the agent runs. */
export class Credentials {
  readonly #options: CredentialOptions
  readonly #clock: Clock
  #known: { readonly credential: Credential; readonly readAtMs: number } | undefined

  constructor(options: CredentialOptions, clock: Clock) {
    this.#options = options
    this.#clock = clock
  }

  /** At most a second old. Rejects with a SinkError CREDENTIALS_UNREADABLE. */
  async current(): Promise<Credential> {
    if (this.#known !== undefined && this.#clock.monotonic() - this.#known.readAtMs < REREAD_MS) {
      return this.#known.credential
    }
    return this.read()
  }

  /** Reads the files now; rejects in the same way. */
  async read(): Promise<Credential> {
    const { tokenFile, tokenAs = BEARER, username, passwordFile, tls } = this.#options
    const keyFile = tls.keyFile || tls.certFile
    const files = [tokenFile, passwordFile, tls.caFile, tls.certFile, keyFile]
    const [token, password, ca, cert, key] = await Promise.all(files.map(textOf))
    const headers = {
      ...(token !== undefined && { [tokenAs.header]: tokenAs.prefix + token.trim() }),
      ...(username !== '' && { authorization: basic(username, password ?? '') }),
    }
    const credential = { headers, tls: { ...(ca && { ca }), ...(cert && { cert, key: key ?? cert }) } }
    this.#known = { credential, readAtMs: this.#clock.monotonic() }
    return credential
  }
}

/** RFC 7617. A password may end with spaces, but no editor leaves a file without a newline. */
function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password.replace(/\r?\n$/, '')}`).toString('base64')}`
}

async function textOf(path: string): Promise<string | undefined> {
  if (path === '') return undefined
  try {
    const text = await readFile(path, 'utf8')
    if (text.trim() === '') throw new Error(`${path} is empty`)
    return text
  } catch (cause) {
    throw new SinkError('CREDENTIALS_UNREADABLE', describeError(cause), { cause })
  }
}
