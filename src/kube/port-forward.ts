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

/** Binary messages, the channel in the first byte. Kubelets and runtimes have it since 1.6. Source: kubelet, `portforward/websocket.go`. */
const subprotocol = 'v4.channel.k8s.io'
/** Channels of the only port. A second port would have 2 and 3. */
const [dataChannel, errorChannel] = [0, 1]
/** Bytes. The first message of each channel is the port's number, little-endian, to identify the channel. */
const portBytes = 2
/** Milliseconds for the API server to connect to the kubelet. */
const handshakeTimeoutMs = 30_000

/**
 * Opens a connection to a pod's port through the API server. RBAC must allow `get` (the handshake is a GET) and, from 1.35 on, `create`
 * of `pods/portforward`. Rejects with ApiError if this is refused, otherwise with LoggyError `KUBE_UNREACHABLE`.
 * If nothing listens on the port, this is known only later: the stream then fails with LoggyError `KUBE_PORT_FORWARD`.
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
      // 1.20 answers 406 to `application/json`: it compares the text with the `*/*` of this resource.
      headers: { ...options.headers, accept: '*/*' },
      handshakeTimeout: handshakeTimeoutMs,
      perMessageDeflate: false, // the API server supports no extensions
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

/** The bytes of one forwarded port. The protocol has no half-close: closing one side closes both. */
class PortForwardStream extends Duplex {
  readonly #socket: WebSocket
  readonly #missing = [portBytes, portBytes]

  constructor(socket: WebSocket) {
    super({ allowHalfOpen: false })
    this.#socket = socket
    socket.on('message', (message: Buffer) => this.#take(message))
    socket.on('error', (error) => this.destroy(error))
    socket.once('close', () => this.push(null))
    // Until there is a reader: an error may arrive in the same packet as the handshake, before it has a listener.
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
