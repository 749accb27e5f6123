const UNKNOWN_AUTHORITY = 'TLS: the authority of the certificate is not trusted; see `sink.tls.caFile`'
const NO_WAY = 'there is no way to that address; check the network and its policies'

/** By code. Sources: Node's `errors.md` and `tls.md`, OpenSSL's `X509_verify_cert_error_string`. */
const ADVICE: Readonly<Record<string, string>> = {
  ENOTFOUND: 'DNS does not know the host; check `sink.url`',
  EAI_AGAIN: 'DNS does not answer',
  ECONNREFUSED: 'nothing listens there',
  EHOSTUNREACH: NO_WAY,
  ENETUNREACH: NO_WAY,
  ETIMEDOUT: NO_WAY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  CERT_HAS_EXPIRED: "TLS: renew the server's certificate, or set the clock of this node",
  CERT_NOT_YET_VALID: 'TLS: set the clock of this node',
  ERR_TLS_CERT_ALTNAME_INVALID: 'TLS: the certificate is for another name; see `sink.tls.serverName`',
  PROXY_UNREACHABLE: 'check `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`',
  PROXY_403: 'the proxy does not permit that host or port',
  PROXY_407: 'the proxy requires credentials, in the URL of `HTTPS_PROXY`',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'TLS: the server wants a client certificate; see `sink.tls.certFile`',
}

/** What a fault without an answer means, and what to do, in a few words; empty for one that says it itself. */
export function adviceFor(code: string): string {
  const known = Object.hasOwn(ADVICE, code) ? ADVICE[code] : undefined
  if (known !== undefined) return known
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_'))
    return 'TLS: no connection; check that this port speaks it, and the certificates of both sides'
  return code.startsWith('HPE_') ? 'what answers there does not speak HTTP' : ''
}
