import { withTrailers } from '@hyper/core/body'
import { userError } from '@hyper/core/error'
import * as h1 from '@hyper/core/h1'
import * as h2 from '@hyper/core/h2'
import { HeaderMap, HttpRequest, type HttpResponse } from '@hyper/core/http'
import type { Io, PeerInfo, Runtime } from '@hyper/core/rt'
import { duplex } from '@hyper/util/memory'
import { fromReadableStream, toReadableStream } from '@hyper/util/web'
import { Request as AnyRequest } from './fetch/index.ts'

// inject: a request without a port. In: a request, and who accepts connections. Out: its response. The whole engine runs,
// client and server, over two ends of a stream in memory; each request has a connection to itself.

/** How {@link Server.inject} asks, besides what `Request` takes. */
export interface InjectInit extends RequestInit {
  /** Default `'http1'`, where that is served. */
  readonly protocol?: 'http1' | 'http2' | undefined
  /** Sent after the body. Default: none. */
  readonly trailers?: Readonly<Record<string, string>> | undefined
  /** Called for each interim response (1xx). */
  readonly onInformational?: ((status: number, headers: Headers) => void) | undefined
  /** Whom the server takes the client for: addresses, TLS. Default: a stream in memory, without an address. */
  readonly peer?: Partial<PeerInfo> | undefined
}

/** A response, and what the Fetch standard has no room for. */
export interface InjectedResponse extends Response {
  /** Resolves with the trailers when the body has been read to its end; null when there are none. Never rejects. */
  readonly trailers: Promise<Headers | null>
}

type Send = (request: HttpRequest) => Promise<HttpResponse>

/** @throws what {@link Server.inject} rejects with */
export async function injected(
  input: string | URL | Request | HttpRequest,
  init: InjectInit,
  accept: (io: Io) => void,
  runtime: Runtime,
): Promise<InjectedResponse> {
  const { protocol = 'http1' } = init
  if (protocol !== 'http1' && protocol !== 'http2')
    throw userError('INVALID_OPTION', `protocol must be 'http1' or 'http2', not ${String(protocol)}`)
  const given = input instanceof HttpRequest ? null : new AnyRequest(absolute(input), forRequest(input, init))
  const request = given === null ? asItIs(input as HttpRequest, init) : httpRequest(given, init)
  const isSecure = given?.url.startsWith('https:') ?? false
  const alpnProtocol = protocol === 'http2' ? 'h2' : 'http/1.1'
  const peer = { encrypted: isSecure, ...(isSecure ? { alpnProtocol } : {}), ...init.peer }
  const [ours, theirs] = duplex({ runtime, peer })
  const send = sender(protocol, ours, runtime, init, given?.signal ?? init.signal ?? undefined)
  accept(theirs)
  const response = await send(request)
  if (isSwitch(request, response)) {
    // Nobody has the stream, and the server would wait for its end.
    ours.abort()
    throw userError('MANUAL_UPGRADE', 'inject() has no stream to give for a tunnel or an upgrade')
  }
  return responseOf(response)
}

function isSwitch({ method }: HttpRequest, { status }: HttpResponse): boolean {
  return status === 101 || (method === 'CONNECT' && status >= 200 && status < 300)
}

function sender(
  protocol: 'http1' | 'http2',
  io: Io,
  runtime: Runtime,
  { onInformational }: InjectInit,
  signal: AbortSignal | undefined,
): Send {
  const { connection, sender: to } =
    protocol === 'http2' ? h2.handshake(io, { runtime }) : h1.handshake(io, { runtime })
  const told = onInformational
  const options = {
    signal,
    ...(told === undefined
      ? {}
      : { onInformational: (status: number, headers: HeaderMap) => told(status, headersOf(headers)) }),
  }
  return async (request) => {
    try {
      await to.ready()
      return await to.send(request, options)
    } finally {
      // It ends with the exchange, which is not over before its body is.
      connection.gracefulShutdown()
    }
  }
}

/** A path alone is enough. */
function absolute(input: string | URL | Request): string | URL | Request {
  return typeof input === 'string' && input.startsWith('/') ? `http://localhost${input}` : input
}

function forRequest(input: string | URL | Request, init: InjectInit): RequestInit {
  // The platform asks for it where the body may be a stream, and knows it not by its own types.
  const { body } = init
  const isStream = typeof body === 'object' && body !== null && Symbol.asyncIterator in body
  const hasStream = isStream || (body == null && input instanceof Request)
  const half: object = hasStream ? { duplex: 'half' } : {}
  return { ...init, ...half }
}

/** @throws HyperError `INVALID_OPTION` for what would be passed over */
function asItIs(request: HttpRequest, init: InjectInit): HttpRequest {
  for (const name of ['method', 'headers', 'body'] as const)
    if (init[name] != null)
      throw userError('INVALID_OPTION', `\`${name}\` does not go with an HttpRequest, which has its own`)
  return withOwn(request, init)
}

function withOwn(request: HttpRequest, { trailers }: InjectInit): HttpRequest {
  return trailers === undefined ? request : request.with({ body: withTrailers(request.body, trailers) })
}

function httpRequest(request: Request, init: InjectInit): HttpRequest {
  const { host, origin, pathname, search } = new URL(request.url)
  const headers = new HeaderMap()
  headers.append('host', host)
  for (const [name, value] of request.headers) if (name !== 'host') headers.append(name, value)
  const { body } = init
  const isPlain = typeof body === 'string' || body instanceof Uint8Array
  const content = isPlain ? body : request.body === null ? null : fromReadableStream(request.body)
  // HTTP/2 has the scheme in the request, HTTP/1 has not.
  const target = init.protocol === 'http2' ? `${origin}${pathname}${search}` : `${pathname}${search}`
  return withOwn(new HttpRequest(request.method, target, { headers, body: content }), init)
}

function responseOf({ body, headers, reason, status }: HttpResponse): InjectedResponse {
  if (status > 599) {
    // The standard has no such response. Its connection would wait for a reader.
    body.cancel()
    throw new RangeError(`the response has status ${status}, which the Fetch standard does not know`)
  }
  const isEmpty = status === 204 || status === 205 || status === 304
  // What fits into the read-ahead needs nobody who reads it: the connection is over by itself.
  const content = isEmpty ? null : toReadableStream(body).pipeThrough(readAhead())
  const response = new Response(content, {
    status,
    statusText: reason ?? '',
    headers: headersOf(headers),
  })
  const trailers = body.trailers.then((map) => (map === null ? null : headersOf(map))).catch(() => null)
  return Object.defineProperty(response, 'trailers', { value: trailers }) as InjectedResponse
}

function headersOf(map: HeaderMap): Headers {
  return new Headers([...map])
}

function readAhead(): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  const size = (chunk: Uint8Array<ArrayBuffer>): number => chunk.length
  return new TransformStream({}, undefined, { highWaterMark: READ_AHEAD, size })
}

/** Bytes of a response that are read before anybody asks for them. */
const READ_AHEAD = 65_536
