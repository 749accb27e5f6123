import { readFile } from 'node:fs/promises'
import type { Clock } from '../lib/clock.ts'
import { describeError } from '../lib/errors.ts'
import { SinkError } from '../lib/sink-error.ts'

/** The paths of the credential files; empty for none. */
export interface CredentialFiles {
  readonly tokenFile: string
  readonly tls: {
    readonly caFile: string
    readonly certFile: string
    /** Empty: the key is in `certFile`. */
    readonly keyFile: string
  }
}

/** The current contents of the files. */
export interface Credential {
  readonly token: string | undefined
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string }
}

/** Milliseconds. The files are small, and whatever renews them leaves the old ones valid for minutes. */
const REREAD_MS = 1000

/** Token, certificates and key from files, which may be renewed while the agent runs. */
export class Credentials {
  readonly #files: CredentialFiles
  readonly #clock: Clock
  #known: { readonly credential: Credential; readonly readAtMs: number } | undefined

  constructor(files: CredentialFiles, clock: Clock) {
    this.#files = files
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
    const { tokenFile, tls } = this.#files
    const keyFile = tls.keyFile || tls.certFile
    const [token, ca, cert, key] = await Promise.all([tokenFile, tls.caFile, tls.certFile, keyFile].map(textOf))
    const credential = { token: token?.trim(), tls: { ...(ca && { ca }), ...(cert && { cert, key: key ?? cert }) } }
    this.#known = { credential, readAtMs: this.#clock.monotonic() }
    return credential
  }
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
