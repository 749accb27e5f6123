import { Duplex } from 'node:stream'
import WebSocket from 'ws'
import { LoggyError } from '../lib/errors.ts'
import type { KubeClient } from './client.ts'
import { readRefusal } from './refusal.ts'

/** A port on a pod's loopback interface. */
export interface PodPort {
  readonly namespace: string
  readonly pod: string
  readonly port: number
}

/** Binary messages, the channel in the first byte. Kubelets and runtimes know it from 1.6 on. Source: kubelet, `portforward/websocket.go`. */
const subprotocol = 'v4.channel.k8s.io'
/** Of the only port asked for. A second port would have 2 and 3. */
const [dataChannel, errorChannel] = [0, 1]
/** Bytes. On each channel the port's number comes first, little-endian, so that the client knows which is which. */
const portBytes = 2
/** Milliseconds until the API server has reached the kubelet. */
const handshakeTimeoutMs = 30_000

/**
 * Opens a connection to a pod's port through the API server, for which RBAC must allow both `get` (the handshake is a GET) and `create`
 * (asked for too from 1.35 on) of `pods/portforward`. Rejects with ApiError when it is refused, else with LoggyError `KUBE_UNREACHABLE`.
 * That nothing listens there is known only later: the stream then fails with LoggyError `KUBE_PORT_FORWARD`.
 */
export async function openPortForward(
  client: KubeClient,
  { signal, ...target }: PodPort & { readonly signal: AbortSignal },
): Promise<Duplex> {
  const path = `/api/v1/namespaces/${target.namespace}/pods/${target.pod}/portforward`
  const { url, options } = await client.address(path, { ports: `${target.port}` })
  url.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:'
  signal.throwIfAborted()
  return await new Promise((resolve, reject) => {
    const socket = new WebSocket(url, [subprotocol], {
      ...options,
      // 1.20 answers 406 to `application/json`: it compares with the `*/*` of this resource as text.
      headers: { ...options.headers, accept: '*/*' },
      handshakeTimeout: handshakeTimeoutMs,
      perMessageDeflate: false, // the API server's has no extensions
    })
    const abort = () => socket.terminate()
    signal.addEventListener('abort', abort, { once: true })
    socket.once('open', () => resolve(new PortForwardStream(socket)))
    socket.once('unexpected-response', (request, response) => {
      readRefusal(response)
        .then(reject, reject)
        .finally(() => request.destroy())
    })
    socket.on('error', (cause) =>
      reject(new LoggyError('KUBE_UNREACHABLE', 'no answer from the API server', { cause })),
    )
    socket.once('close', () => signal.removeEventListener('abort', abort))
  })
}

/** The bytes of one forwarded port. The protocol knows no half-close: who ends its side ends both. */
class PortForwardStream extends Duplex {
  readonly #socket: WebSocket
  readonly #missing = [portBytes, portBytes]

  constructor(socket: WebSocket) {
    super({ allowHalfOpen: false })
    this.#socket = socket
    socket.on('message', (message: Buffer) => this.#take(message))
    socket.on('error', (error) => this.destroy(error))
    socket.once('close', () => this.push(null))
    // Until someone reads: an error may be behind the handshake in one packet, and would find no listener yet.
    socket.pause()
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#socket.send(Buffer.concat([Buffer.of(dataChannel), chunk]), { binary: true }, callback)
  }

  override _final(callback: () => void): void {
    callback()
    this.destroy()
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#socket.terminate()
    callback(error)
  }

  #take(message: Buffer): void {
    const channel = message[0] ?? dataChannel
    const bytes = this.#withoutPort(channel, message.subarray(1))
    if (bytes.length === 0) return
    if (channel === errorChannel) this.destroy(new LoggyError('KUBE_PORT_FORWARD', bytes.toString().trim()))
    else if (channel === dataChannel && !this.push(bytes)) this.#socket.pause()
  }

  #withoutPort(channel: number, bytes: Buffer): Buffer {
    const skipped = Math.min(this.#missing[channel] ?? 0, bytes.length)
    this.#missing[channel] = (this.#missing[channel] ?? 0) - skipped
    return bytes.subarray(skipped)
  }
}
