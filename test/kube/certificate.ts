import { createSign, generateKeyPairSync } from 'node:crypto'

/** A certificate that vouches for itself, valid for a day, in PEM. `name`: of its only server; without one it is for 127.0.0.1. */
export function selfSignedCertificate({ name: server }: { readonly name?: string } = {}): {
  readonly key: string
  readonly cert: string
} {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = sequence(identifier('2a8648ce3d040302'))
  const name = sequence(
    tlv(0x31, sequence(identifier('550403'), tlv(0x0c, Buffer.from(`loggy test ${crypto.randomUUID()}`)))),
  )
  const time = (ms: number) => tlv(0x18, Buffer.from(new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '')))
  const validity = sequence(time(Date.now() - 3_600_000), time(Date.now() + 86_400_000))
  const named = server === undefined ? tlv(0x87, Buffer.from([127, 0, 0, 1])) : tlv(0x82, Buffer.from(server))
  const alternativeName = sequence(identifier('551d11'), tlv(0x04, sequence(named)))
  const authority = sequence(identifier('551d13'), tlv(0x04, sequence(tlv(0x01, Buffer.from([0xff])))))
  const extensions = tlv(0xa3, sequence(alternativeName, authority))
  const version = tlv(0xa0, tlv(0x02, Buffer.from([2])))
  const serial = tlv(0x02, Buffer.from([1]))
  const subject = publicKey.export({ type: 'spki', format: 'der' })
  const body = sequence(version, serial, algorithm, name, validity, name, subject, extensions)
  const signature = createSign('sha256').update(body).sign(privateKey)
  const der = sequence(body, algorithm, tlv(0x03, Buffer.concat([Buffer.from([0]), signature])))
  const lines = der.toString('base64').replace(/.{64}/g, '$&\n')
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  }
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tlv(0x30, Buffer.concat(parts))
}

function identifier(hex: string): Buffer {
  return tlv(0x06, Buffer.from(hex, 'hex'))
}

/** DER: tag, length, value. */
function tlv(tag: number, value: Buffer): Buffer {
  const { length } = value
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), value])
}
