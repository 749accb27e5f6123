import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'

/** What a fake kubelet does for one pod: connects to that port of the loopback interface, or refuses. */
export type ForwardTarget =
  | { readonly port: number }
  | { readonly status: number; readonly body: string }
  | { readonly refused: true }

/** One forward that was asked for. */
export interface AskedForward {
  readonly namespace: string
  readonly pod: string
  readonly port: number
}

/**
 * The port-forward of an API server and kubelet over a websocket, to be given to a FakeApiServer as `onUpgrade`. Recorded from Kubernetes
 * 1.20.2 with containerd 1.6, subprotocol `v4.channel.k8s.io`, ports=9181 (0x23dd), each line one binary message:
 *
 *     00 dd 23                                    the data channel, and the port it belongs to
 *     01 dd 23                                    the error channel
 *     00 "HTTP/1.1 200 OK\r\nDate: …{"node":…}"   what the pod sends
 *     close 1000                                  a second after the pod closed its end
 *
 * and where nothing listens on ports=9999, after the same two:
 *
 *     01 "error forwarding port 9999 to pod fd59…b352, uid : failed to execute portforward in network namespace "/var/run/…":
 *         failed to connect to localhost:9999 inside namespace "fd59…", IPv4: dial tcp4 127.0.0.1:9999: connect: connection refused …"
 *     close 1000                                  3 ms later
 *
 * An `Accept` other than `*` + `/*` is answered `406: Not Acceptable`, in plain text.
 */
export class FakePortForward {
  readonly asked: AskedForward[] = []
  readonly #websockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (protocols) => (protocols.has('v4.channel.k8s.io') ? 'v4.channel.k8s.io' : false),
  })
  readonly #targetOf: (asked: AskedForward) => ForwardTarget

  constructor(targetOf: (asked: AskedForward) => ForwardTarget) {
    this.#targetOf = targetOf
  }

  /** Those that are open. */
  get sockets(): ReadonlySet<WebSocket> {
    return this.#websockets.clients
  }

  /** Cuts those that are open. */
  close(): void {
    for (const socket of this.sockets) socket.terminate()
  }

  readonly onUpgrade = (message: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const { pathname, searchParams } = new URL(message.url ?? '/', 'http://localhost')
    const [, namespace = '', pod = ''] =
      /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/portforward$/.exec(pathname) ?? []
    const asked = { namespace, pod, port: Number(searchParams.get('ports')) }
    this.asked.push(asked)
    const target = message.headers.accept === '*/*' ? this.#targetOf(asked) : notAcceptable
    if ('status' in target) refuse(socket, target)
    else this.#upgrade(message, socket, { head, port: asked.port, target })
  }

  /** What comes at once is in one packet with the answer, as it may be. */
  #upgrade(message: IncomingMessage, socket: Duplex, { head, port, target }: Upgrade): void {
    socket.cork()
    this.#websockets.handleUpgrade(message, socket, head, (websocket) => forward(websocket, port, target))
    socket.uncork()
  }
}

type Reached = { readonly port: number } | { readonly refused: true }

interface Upgrade {
  readonly head: Buffer
  readonly port: number
  readonly target: Reached
}

const notAcceptable = { status: 406, body: '406: Not Acceptable' }

function refuse(socket: Duplex, { status, body }: { readonly status: number; readonly body: string }): void {
  socket.end(`HTTP/1.1 ${status} X\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
}

function forward(websocket: WebSocket, port: number, target: Reached): void {
  for (const channel of [0, 1]) websocket.send(Buffer.of(channel, port & 0xff, port >> 8))
  if ('refused' in target) {
    const why = `failed to connect to localhost:${port} inside namespace "fd59", IPv4: dial tcp4 127.0.0.1:${port}: connect: connection refused`
    websocket.send(Buffer.from(`\x01error forwarding port ${port} to pod fd59, uid : ${why}`))
    websocket.close(1000)
    return
  }
  const socket = connect(target.port, '127.0.0.1')
  socket.on('data', (bytes: Buffer) => websocket.send(Buffer.concat([Buffer.of(0), bytes])))
  socket.on('error', () => socket.destroy())
  socket.on('close', () => websocket.close(1000))
  websocket.on('message', (message: Buffer) => socket.write(message.subarray(1)))
  websocket.on('close', () => socket.destroy())
}
