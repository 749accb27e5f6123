import { readFileSync } from 'node:fs'
import https, { type RequestOptions } from 'node:https'
import { isIP } from 'node:net'
import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import type { Connection } from './connection.ts'
import { fingerprintOf } from './file-version.ts'

/** Where a node's kubelet is, and what its certificate must be. */
export interface KubeletAddress {
  readonly url: string
  /** Name of its node, which stands in its certificate. */
  readonly node: string
  /** Certificates of which one must have signed it; empty: those that sign the API server's. */
  readonly caFile: string
}

/**
 * The kubelet, with the credentials of the connection to the API server. They leave the process only after the handshake, so only a kubelet
 * with a certificate that was verified gets them, whatever the kubeconfig or the environment says of the API server's. Throws if the CA file
 * cannot be read.
 */
export function kubeletConnection(base: Connection, { url, node, caFile }: KubeletAddress): Connection {
  const server = new URL(url)
  const own = caFile === '' ? undefined : readFileSync(caFile)
  const files = [...base.files, ...(caFile === '' ? [] : [caFile])]
  const trust = {
    rejectUnauthorized: true,
    // A name that is an address must not be sent as a server's name.
    servername: isIP(node) === 0 ? node : '',
    checkServerIdentity: identityCheck([node, server.hostname.replace(/^\[|\]$/g, '')]),
  }
  const authorize = async (options: RequestOptions) => {
    await base.authorize(options)
    const { cert, key } = options
    const ca = own ?? options.ca
    // Both: a request's own options count where its agent has none.
    Object.assign(options, trust, { ca, agent: new https.Agent({ ...trust, cert, key, ca }) })
  }
  return { server, namespace: base.namespace, authorize, files, fingerprint: fingerprintOf(files) }
}

/**
 * One of the names must be in the certificate: one that the kubelet has made for itself has its node's name only, one of the cluster's
 * authority has name and address. Source: kubelet, `initializeServerTLS` and `certificate/kubelet.go`.
 */
function identityCheck(names: readonly string[]) {
  return (_host: string, certificate: PeerCertificate): Error | undefined => {
    const faults = names.map((name) => checkServerIdentity(name, certificate))
    return faults.includes(undefined) ? undefined : faults[0]
  }
}
