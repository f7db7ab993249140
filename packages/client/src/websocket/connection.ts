import { createHash } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type { Body } from '@hyper/core/body'
import { HyperError, userError } from '@hyper/core/error'
import { FAILED, HEAD_EVENT, ServerMachine, UNKNOWN_LENGTH, upgraded } from '@hyper/core/h1'
import { HeaderMap, type HttpRequest, type HttpResponse } from '@hyper/core/http'
import { duplexFrom, runtime } from '@hyper/util/platform'
import { LateIo, type LateIoHost } from '@hyper/util/tunnel'
import { type Client, partsOf } from '../client.ts'
import type { VerbOptions } from '../options.ts'

// A connection for a library that speaks WebSocket over a socket of Node, made by a Client. In: the handshake of HTTP/1 that
// the library writes. Out: the same request by the client, over HTTP/2 where that is wanted and offered; its answer as the
// library expects it; then the stream itself.

/** What a client is asked for besides; `headers` are those of the library. */
export interface WebSocketConnectionOptions extends Omit<VerbOptions, 'headers' | 'body'> {
  /**
   * True to ask over HTTP/2 (RFC 8441) where the server offers that: a WebSocket is one stream of a shared connection then.
   * Default false: over a connection of HTTP/1 of its own.
   */
  readonly http2?: boolean | undefined
  /** Whether to ask by TLS. Default: as the library says, by its default port. */
  readonly secure?: boolean | undefined
}

/** What `http.request` gives to its `createConnection`. */
export interface NodeConnectionOptions {
  readonly defaultPort?: number | string | undefined
  /** As that of `net.connect`: after so many milliseconds of silence the socket emits `timeout`. */
  readonly timeout?: number | undefined
}

/**
 * A `createConnection` for the client of `ws`, and for `http.request`: `new WebSocket(url, { createConnection })`. What the
 * client has of its own (proxies, TLS, timeouts until the answer) counts.
 */
export function webSocketConnection(
  client: Client,
  options: WebSocketConnectionOptions = {},
): (given: NodeConnectionOptions) => Duplex {
  return (given) => {
    const { secure = Number(given.defaultPort) === 443, ...rest } = options
    const socket = duplexFrom(new Handshake(client, rest, secure).late)
    return given.timeout === undefined ? socket : socket.setTimeout(given.timeout)
  }
}

class Handshake implements LateIoHost {
  readonly late: LateIo
  private readonly client: Client
  private readonly options: WebSocketConnectionOptions
  private readonly secure: boolean
  /** Reads what the library asks for. */
  private readonly machine: ServerMachine
  private readonly gone: AbortController
  private isAsked: boolean
  /** Of an answer that is no switch. */
  private body: Body | null

  constructor(client: Client, options: WebSocketConnectionOptions, secure: boolean) {
    this.client = client
    this.options = options
    this.secure = secure
    this.machine = new ServerMachine()
    this.gone = new AbortController()
    this.isAsked = false
    this.body = null
    this.late = new LateIo(this, { transport: 'tcp', encrypted: secure }, runtime)
  }

  onWrite(bytes: Uint8Array): void {
    if (this.isAsked) return
    const { machine } = this
    machine.receive(bytes, 0)
    const event = machine.nextEvent()
    if (event === HEAD_EVENT && machine.request !== null) {
      this.isAsked = true
      void this.ask(machine.request)
    } else if (event === FAILED) this.fail(machine.error)
    // A head may come in pieces.
    else runtime.defer(() => this.late.drained())
  }

  onEnd(): void {}

  onGone(): void {
    this.body?.cancel()
    this.gone.abort(userError('CANCELED', 'the WebSocket was given up'))
  }

  onResume(): void {
    this.body?.resume()
  }

  private async ask(request: HttpRequest): Promise<void> {
    try {
      const response = await this.send(request)
      const parts = await upgraded(response).catch(() => null)
      if (parts === null) this.refused(response)
      else {
        this.tell(101, acceptedHeaders(request.headers, response))
        this.late.bind(parts.io, parts.leftover, [])
      }
    } catch (error) {
      this.fail(error)
    }
  }

  private send({ headers: given, target }: HttpRequest): Promise<HttpResponse> {
    const headers = given.clone()
    for (const name of ['connection', 'upgrade']) headers.delete(name)
    const { signal } = this.options
    const url = `${this.secure ? 'https' : 'http'}://${given.get('host') ?? ''}${target}`
    const either =
      signal === undefined ? this.gone.signal : AbortSignal.any([signal as AbortSignal, this.gone.signal])
    const options = {
      ...this.options,
      headers,
      protocol: given.get('upgrade') ?? 'websocket',
      signal: either,
    }
    return partsOf(this.client).askUpgrade(url, options)
  }

  private tell(status: number, headers: HeaderMap): void {
    this.machine.sendHead(status, null, headers, status === 101 ? 0 : UNKNOWN_LENGTH, false)
    this.flush()
  }

  private flush(): void {
    const { output } = this.machine
    for (let piece = output.take(); piece !== null; piece = output.take())
      this.late.feed(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)
  }

  // The library sees it as it is: it may follow a redirect, or answer a challenge, by another connection.
  private refused(response: HttpResponse): void {
    const headers = response.headers.clone()
    for (const name of ['content-length', 'transfer-encoding', 'keep-alive', 'upgrade']) headers.delete(name)
    // Its end is that of the connection.
    headers.set('connection', 'close')
    this.tell(response.status, headers)
    const { body } = response
    this.body = body
    body.start({
      onData: (chunk) => {
        this.machine.sendData(chunk)
        this.flush()
        if (this.late.isPaused) body.pause()
      },
      onTrailers: () => {},
      onEnd: () => {
        this.machine.sendEnd(null)
        this.flush()
        this.late.feedEnd()
      },
      onError: (error) => this.late.finish(error),
    })
  }

  private fail(error: unknown): void {
    this.late.finish(
      error instanceof Error ? error : new HyperError('CANCELED', String(error), { by: 'library' }),
    )
  }
}

function acceptedHeaders(asked: HeaderMap, response: HttpResponse): HeaderMap {
  const headers = response.headers.clone()
  for (const name of ['content-length', 'transfer-encoding']) headers.delete(name)
  headers.set('connection', 'upgrade')
  headers.set('upgrade', asked.get('upgrade') ?? 'websocket')
  const key = asked.get('sec-websocket-key')
  // RFC 8441 §5: HTTP/2 needs no proof, and the library wants one.
  if (response.status !== 101 && key !== null)
    headers.set('sec-websocket-accept', createHash('sha1').update(key).update(GUID).digest('base64'))
  return headers
}

/** RFC 6455 §4.2.2. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
