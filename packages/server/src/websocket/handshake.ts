import { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { HyperError } from '@hyper/core/error'
import {
  ClientMachine,
  DATA_EVENT,
  END_EVENT,
  FAILED,
  HEAD_EVENT,
  INFORMATIONAL_EVENT,
  SWITCHED_EVENT,
} from '@hyper/core/h1'
import { protocolKey } from '@hyper/core/h2'
import { HeaderMap, type HttpRequest, HttpResponse } from '@hyper/core/http'
import type { Exchange } from '@hyper/core/service'
import { duplexFrom, runtime } from '@hyper/util/platform'
import { LateIo, type LateIoHost } from '@hyper/util/tunnel'
import { offersUpgrade } from '../fetch/offers-upgrade.ts'

// The handshake of a library that takes Node's `upgrade` event. In: a request for an upgrade, or an extended CONNECT. Out: the
// answer that the library wrote to its socket, as a response; and to the library its socket, which is the connection, or the
// stream of HTTP/2, once that answer is out. It sees one handshake, that of HTTP/1, whatever the client has spoken.

/** Takes what the `upgrade` event of `node:http` gives; it answers by writing to the socket. */
export type NodeUpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** What is needed of a library's server for WebSockets; `WebSocketServer` of `ws` has it. */
export interface WebSocketUpgrader<S> {
  handleUpgrade(request: never, socket: Duplex, head: Buffer, done: (socket: S) => void): void
}

/** For native services: as `upgradeWebSocket` is for fetch handlers. */
export function answerWebSocket<S>(
  request: HttpRequest,
  exchange: Exchange,
  server: WebSocketUpgrader<S>,
  onOpen: (socket: S) => void,
): Promise<HttpResponse> {
  return answerUpgradeWith(request, exchange, (message, socket, head) =>
    server.handleUpgrade(message as never, socket, head, onOpen),
  )
}

/** For native services: as `upgradeWith` is for fetch handlers. */
export function answerUpgradeWith(
  request: HttpRequest,
  exchange: Exchange,
  handler: NodeUpgradeHandler,
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    // Not before the handler has returned: what it throws after its answer would be told to nobody, and the client left with
    // a stream that is gone.
    const answer = (made: HttpResponse): void => queueMicrotask(() => resolve(made))
    const { socket } = new Handshake(request, exchange, answer, reject)
    try {
      handler(messageOf(request, socket), socket, Buffer.alloc(0))
    } catch (error) {
      reject(error)
      socket.destroy()
    }
  })
}

/** Whether a request asks for a WebSocket, in whichever way its protocol has for that. */
export function asksForWebSocket(request: HttpRequest, exchange: Exchange): boolean {
  if (request.method === 'CONNECT') return exchange.extensions.get(protocolKey)?.toLowerCase() === 'websocket'
  if (!offersUpgrade(request)) return false
  const offered = request.headers.get('upgrade')?.toLowerCase().split(',') ?? []
  return offered.some((name) => name.trim() === 'websocket')
}

class Handshake implements LateIoHost {
  readonly socket: Duplex
  private readonly isConnect: boolean
  private readonly exchange: Exchange
  private readonly late: LateIo
  /** Reads what the library answers. */
  private readonly machine: ClientMachine
  private readonly resolve: (answer: HttpResponse) => void
  private readonly reject: (error: unknown) => void
  private isSwitched: boolean
  private isRefused: boolean
  /** Of a refusal. */
  private readonly body: Uint8Array[]
  private size: number
  /** What the library has written to its peer before the answer is out. */
  private readonly early: Uint8Array[]

  constructor(
    request: HttpRequest,
    exchange: Exchange,
    resolve: (answer: HttpResponse) => void,
    reject: (error: unknown) => void,
  ) {
    this.isConnect = request.method === 'CONNECT'
    this.exchange = exchange
    this.resolve = resolve
    this.reject = reject
    this.isSwitched = false
    this.isRefused = false
    this.body = []
    this.size = 0
    this.early = []
    this.machine = new ClientMachine()
    this.machine.sendHead('GET', '/', '1.1', new HeaderMap(OFFER), 0)
    this.machine.output.clear()
    this.late = new LateIo(this, exchange.peer, runtime)
    this.socket = duplexFrom(this.late)
    // Gone while the library makes up its mind: no error of a client's may end the process, where nobody listens yet.
    exchange.onCancel((reason) => {
      if (!this.isSwitched) this.giveUp(reason)
    })
  }

  onWrite(bytes: Uint8Array): void {
    if (this.isSwitched) {
      this.early.push(bytes)
      return
    }
    if (!this.isRefused) {
      this.machine.receive(bytes, 0)
      this.takeEvents()
    }
    // A refusal may come in pieces; a switch waits until its answer is out.
    if (!this.isSwitched) runtime.defer(() => this.late.drained())
  }

  onEnd(): void {
    if (this.isSwitched) return
    this.answerEnded()
    runtime.defer(() => this.late.finish(null))
  }

  onGone(): void {
    if (!this.isSwitched) this.answerEnded()
  }

  onResume(): void {}

  // Many who refuse write a head, and let go.
  private answerEnded(): void {
    if (this.isRefused) return
    if (this.machine.response === null) this.refuse(new HttpResponse(null, { status: 400 }))
    else {
      this.machine.receiveEnd(0)
      this.takeEvents()
    }
  }

  private takeEvents(): void {
    const { machine } = this
    for (;;) {
      switch (machine.nextEvent()) {
        case SWITCHED_EVENT:
          this.switched()
          return
        case DATA_EVENT:
          this.size += machine.data.length
          if (this.size <= MAX_REFUSAL) this.body.push(machine.data.slice())
          break
        case END_EVENT:
          this.refused()
          return
        case FAILED:
          this.giveUp(
            new HyperError('SERVICE_FAILED', 'the library wrote no answer to the handshake', {
              by: 'user',
              cause: machine.error,
            }),
          )
          return
        case HEAD_EVENT:
          if (machine.hasBody || machine.response?.status === 101) break
          this.refused()
          return
        case INFORMATIONAL_EVENT:
          break
        default:
          return
      }
    }
  }

  private switched(): void {
    const { exchange, isConnect, late, machine } = this
    this.isSwitched = true
    const headers = (machine.response?.headers ?? new HeaderMap()).clone()
    const leftover = machine.takeLeftover()
    if (leftover.length > 0) this.early.push(leftover.slice())
    // RFC 8441 §5: the stream says all of these by itself.
    if (isConnect) for (const name of ['connection', 'upgrade', 'sec-websocket-accept']) headers.delete(name)
    exchange.upgrade().then(
      ({ io, leftover: first }) => late.bind(io, first, this.early),
      // Whoever gave the answer hears of it; a library that does not listen to its socket yet must not end the process.
      () => late.finish(null),
    )
    this.resolve(new HttpResponse(null, { status: isConnect ? 200 : 101, headers }))
  }

  private refused(): void {
    const { response } = this.machine
    if (response === null) return
    const headers = response.headers.clone()
    for (const name of ['content-length', 'transfer-encoding', 'keep-alive']) headers.delete(name)
    if (this.isConnect) headers.delete('connection')
    const { status } = response
    this.refuse(
      new HttpResponse(this.body.length === 0 ? null : Buffer.concat(this.body), { status, headers }),
    )
  }

  private giveUp(error: HyperError): void {
    this.reject(error)
    runtime.defer(() => this.late.finish(null))
  }

  private refuse(answer: HttpResponse): void {
    this.isRefused = true
    this.resolve(answer)
  }
}

function messageOf(request: HttpRequest, socket: Duplex): IncomingMessage {
  // It needs no more of a socket than there is; whoever reads addresses finds them.
  const message = new IncomingMessage(socket as Socket)
  const isConnect = request.method === 'CONNECT'
  message.httpVersionMajor = 1
  message.httpVersionMinor = 1
  message.httpVersion = '1.1'
  message.method = isConnect ? 'GET' : request.method
  message.url = request.target
  const fields = request.headers.clone()
  if (isConnect) for (const [name, value] of CONNECT_FIELDS) fields.set(name, value)
  for (const [name, value] of fields) {
    message.rawHeaders.push(name, value)
    message.headers[name] = (name === 'cookie' ? fields.getAll(name).join('; ') : fields.get(name)) ?? value
  }
  message.complete = true
  message.push(null)
  return message
}

/** A refusal's body beyond this is cut. */
const MAX_REFUSAL = 65_536

const OFFER: readonly (readonly [string, string])[] = [
  ['host', 'x'],
  ['connection', 'upgrade'],
  ['upgrade', 'websocket'],
]

/** What a handshake of HTTP/1 would have; nobody sees the key, nor what is made of it. */
const CONNECT_FIELDS: readonly (readonly [string, string])[] = [
  ['connection', 'upgrade'],
  ['upgrade', 'websocket'],
  ['sec-websocket-key', 'AAAAAAAAAAAAAAAAAAAAAA=='],
]
