import { once } from 'node:events'
import {
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type SecureServerOptions,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { testCertificate } from '@hyper/testkit'

// A server of node:http2, with TLS and ALPN: another implementation at the other end.

export type Handler = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void

export class H2Server {
  /** Connections whose TLS handshake was done. */
  sockets: number = 0
  sessions: number = 0
  requests: number = 0
  readonly server: Http2SecureServer

  private constructor(server: Http2SecureServer) {
    this.server = server
  }

  static async start(handler: Handler, options: SecureServerOptions = {}): Promise<H2Server> {
    const { cert, key } = await testCertificate()
    const made = new H2Server(createSecureServer({ cert, key, allowHTTP1: true, ...options }))
    made.server.on('secureConnection', () => void made.sockets++)
    made.server.on('session', (session) => {
      made.sessions++
      session.on('error', () => undefined)
    })
    made.server.on('stream', (stream, headers) => {
      made.requests++
      stream.on('error', () => undefined)
      handler(stream, headers)
    })
    made.server.listen(0, '127.0.0.1')
    await once(made.server, 'listening')
    return made
  }

  get url(): string {
    return `https://127.0.0.1:${(this.server.address() as AddressInfo).port}/`
  }

  close(): void {
    this.server.close()
  }
}

export function ok(stream: ServerHttp2Stream): void {
  stream.respond({ ':status': 200 })
  stream.end('ok')
}
