import { clientSettings, type H1ClientOptions, type Settings } from '../h1/options.ts'
import type { HttpRequest } from '../http/request.ts'
import type { HttpResponse } from '../http/response.ts'
import type { Io, Runtime } from '../rt/index.ts'
import type { Tracer } from '../trace/tracer.ts'
import type { SendOptions } from './call.ts'
import { ClientConnection } from './client-connection.ts'
import { settingsOf } from './settings-of.ts'

// Handshake: an Io becomes a client connection and the sender that a caller holds. In: a stream and options. Out: both
// ends, reading already. It keeps what is made of an options object, and nothing else.

/** What {@link handshake} needs besides the connection. */
export interface HandshakeOptions extends H1ClientOptions {
  /** Clock, timer, deferral, text, and where background errors go. */
  readonly runtime: Runtime
  /** Hooks for observers. Default: none. */
  readonly tracer?: Tracer | undefined
}

/** The sending side of a client connection. */
export class SendRequest {
  private readonly connection: ClientConnection

  constructor(connection: ClientConnection) {
    this.connection = connection
  }

  /** True when `send` may be called now. */
  get isReady(): boolean {
    return this.connection.isReady
  }

  /** True when no request can be sent any more. */
  get isClosed(): boolean {
    return this.connection.isClosed
  }

  /** Called whenever another request may be sent, and once when none may be any more; for pools. */
  set onReady(fn: (() => void) | null) {
    this.connection.onReady = fn
  }

  /** Resolves when `send` may be called. Rejects with `CLOSED` when it never will. */
  ready(): Promise<void> {
    return this.connection.ready()
  }

  /**
   * Sends a request as it is: target and Host are the caller's business. The response's body is read from the
   * connection as it is consumed.
   * Rejects with a HyperError: `NOT_READY`, `CLOSED` (both `retryable`: nothing was sent), `CANCELED`, what the head's
   * encoding throws, or what became of the connection.
   */
  send(request: HttpRequest, options?: SendOptions): Promise<HttpResponse> {
    return this.connection.send(request, options ?? null)
  }
}

/** Both ends of what a {@link handshake} gives. */
export interface Handshake {
  /** Sends requests. */
  readonly sender: SendRequest
  /** Says when the connection is over, and ends it. */
  readonly connection: ClientConnection
}

/**
 * Makes an HTTP/1 client of a byte stream. The same `options` object should be given for every connection: what is made
 * of it is kept.
 * @throws HyperError `INVALID_OPTION`
 */
export function handshake(io: Io, options: HandshakeOptions): Handshake {
  const connection = new ClientConnection(io, options.runtime, options.tracer ?? null, settings(options))
  connection.start()
  return { sender: new SendRequest(connection), connection }
}

const settings = settingsOf<HandshakeOptions, Settings>(clientSettings)
