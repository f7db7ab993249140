import { clientH2Settings, type H2ClientOptions, type H2Settings } from '../h2/options.ts'
import type { HttpRequest } from '../http/request.ts'
import type { HttpResponse } from '../http/response.ts'
import type { Io, Runtime } from '../rt/index.ts'
import type { Tracer } from '../trace/tracer.ts'
import type { H2SendOptions } from './h2-call.ts'
import { H2ClientConnection } from './h2-client-connection.ts'
import { settingsOf } from './settings-of.ts'

/** What {@link handshake} needs besides the connection. */
export interface H2HandshakeOptions extends H2ClientOptions {
  /** Clock, timer, deferral, text, and where background errors go. */
  readonly runtime: Runtime
  /** Hooks for observers. Default: none. */
  readonly tracer?: Tracer | undefined
}

/** The sending side of an HTTP/2 client connection. Any number of requests may run at once, up to `capacity`. */
export class H2SendRequest {
  private readonly connection: H2ClientConnection

  constructor(connection: H2ClientConnection) {
    this.connection = connection
  }

  /** How many requests may be sent now: what the server allows (RFC 9113 §5.1.2), less what runs; 0 once it is closed. */
  get capacity(): number {
    return this.connection.capacity
  }

  /** True when `send` may be called now. */
  get isReady(): boolean {
    return this.connection.capacity > 0
  }

  /** True when no request can be sent any more. */
  get isClosed(): boolean {
    return this.connection.isUsedUp
  }

  /** Called whenever `capacity` may have changed; for pools. */
  set onReady(fn: (() => void) | null) {
    this.connection.onReady = fn
  }

  /**
   * Resolves when `send` may be called: for one caller per free place, in the order in which they asked. The place is kept
   * until the end of the turn; who has not sent by then leaves it to the next one. `send` itself does not ask whose turn it
   * is. Rejects with `CLOSED` when no request will ever be sent here.
   */
  ready(): Promise<void> {
    return this.connection.ready()
  }

  /**
   * Sends a request: scheme and authority come from an absolute target, else from the connection and the `host` field
   * (RFC 9113 §8.3.1). Resolves with the head of the response; its body comes after.
   * Rejects with a HyperError: `NOT_READY`, `CLOSED` (both `retryable`: nothing was sent), `CANCELED`, `STREAM_RESET`
   * (`retryable` for REFUSED_STREAM; `reason` says why), `GOAWAY` (`retryable`), `HEADERS_TIMEOUT`, `SEND_TIMEOUT`,
   * `HEAD_TOO_LARGE`, `NO_UPGRADE` for `protocol` when the server does not offer extended CONNECT (`retryable`: nothing was
   * sent), what the head's encoding throws, or what became of the connection: `H2_CONNECTION`, `SETTINGS_TIMEOUT`,
   * `PING_TIMEOUT`, `INCOMPLETE_MESSAGE`, `IO`.
   * What is `retryable` can be sent again, elsewhere, while `request.body.used` is false: so it is with text and bytes, and
   * with any body where nothing was sent.
   */
  send(request: HttpRequest, options?: H2SendOptions): Promise<HttpResponse> {
    return this.connection.send(request, options ?? null)
  }
}

/** Both ends of what a {@link handshake} gives. */
export interface H2Handshake {
  readonly sender: H2SendRequest
  readonly connection: H2ClientConnection
}

/**
 * Makes an HTTP/2 client of a byte stream, with prior knowledge or after ALPN. The same `options` object should be given
 * for every connection: what is made of it is kept.
 * @throws HyperError `INVALID_OPTION`
 */
export function handshake(io: Io, options: H2HandshakeOptions): H2Handshake {
  const connection = new H2ClientConnection(io, options.runtime, options.tracer ?? null, settings(options))
  connection.start()
  return { sender: new H2SendRequest(connection), connection }
}

const settings = settingsOf<H2HandshakeOptions, H2Settings>(clientH2Settings)
