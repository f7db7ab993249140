// HTTP/2 for the reference client: one connection, made when it is first needed and again when it is used up. In: the requests that
// a `Client` takes. Out: responses. By prior knowledge to http URLs, by ALPN to https ones; it never falls back to HTTP/1.
import type { Client } from '@hyper/client'
import { Body, type BodyInit, EMPTY_BODY, withTrailers } from '@hyper/core/body'
import { HyperError } from '@hyper/core/error'
import { handshake, type Handshake } from '@hyper/core/h2'
import { HeaderMap, HttpRequest, type HttpResponse } from '@hyper/core/http'
import type { Io } from '@hyper/core/rt'
import { connectTcp, nodeRuntime } from '@hyper/util/node'
import type { ClientArguments } from './client-arguments.ts'

/** What sends the requests of the reference client. */
export interface Requester extends Pick<Client, 'close'> {
  request(...args: Parameters<Client['request']>): Promise<HttpResponse>
}

type RequestOptions = NonNullable<Parameters<Client['request']>[1]>
type RequestBody = RequestOptions['body']

export class H2Client implements Requester {
  private readonly args: ClientArguments
  private opening: Promise<Handshake> | null = null

  constructor(args: ClientArguments) {
    this.args = args
  }

  async request(given: string | URL, options: RequestOptions = {}): Promise<HttpResponse> {
    const url = new URL(given)
    const { sender } = await this.connected(url)
    await sender.ready()
    const headers = new HeaderMap([['host', url.host]])
    for (const [name, value] of HeaderMap.from(options.headers)) headers.append(name, value)
    const { upgrade } = this.args
    // RFC 8441 §4: what Upgrade is on HTTP/1.1.
    const method = upgrade === null ? (options.method ?? 'GET') : 'CONNECT'
    const body = bodyOf(options.body)
    const { trailers } = options
    return sender.send(
      new HttpRequest(method, url.pathname + url.search, {
        headers,
        body: trailers === undefined ? body : withTrailers(body, trailers),
      }),
      {
        protocol: upgrade ?? undefined,
        onInformational: options.onInformational,
        headersTimeout: options.timeouts?.headers ?? undefined,
      },
    )
  }

  async close(): Promise<void> {
    const open = await this.opening?.catch(() => null)
    open?.connection.gracefulShutdown()
    await open?.connection.closed
  }

  private async connected(url: URL): Promise<Handshake> {
    for (;;) {
      const opening = (this.opening ??= this.open(url))
      const open = await opening.catch((error: unknown) => {
        this.forget(opening)
        throw error
      })
      if (!open.sender.isClosed) return open
      this.forget(opening)
    }
  }

  private forget(opening: Promise<Handshake>): void {
    if (this.opening === opening) this.opening = null
  }

  private async open(url: URL): Promise<Handshake> {
    const { ca, insecure, upgrade } = this.args
    const isSecure = url.protocol === 'https:'
    const io: Io = await connectTcp({
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(url.port === '' ? (isSecure ? 443 : 80) : url.port),
      tls: isSecure && { alpn: ['h2'], rejectUnauthorized: !insecure, ...(ca === null ? {} : { ca }) },
    })
    if (isSecure && io.peer.alpnProtocol !== 'h2') {
      io.abort()
      throw new HyperError('TLS', 'the server does not speak HTTP/2', { by: 'peer', phase: 'tls' })
    }
    // Whether extended CONNECT may be sent is in the server's SETTINGS: without streams it is waited for.
    return handshake(io, {
      runtime: nodeRuntime,
      ...(upgrade === null ? {} : { initialMaxSendStreams: 0 }),
    })
  }
}

/** Text, bytes and iterables: what the reference client sends. Throws for anything else. */
function bodyOf(given: RequestBody): Body {
  if (given === undefined || given === null) return EMPTY_BODY
  if (typeof given === 'function') return bodyOf(given())
  if (given instanceof ReadableStream)
    throw new TypeError('a web stream is none of the reference client’s bodies')
  return Body.from(given as BodyInit)
}
