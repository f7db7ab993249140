// Our HTTP/2 server inside the test's own process: the reference service on `h2.serveConnection`, with a witness beside it.
import { h2 } from '@hyper/core'
import type { Service } from '@hyper/core/service'
import { testCertificate } from '@hyper/testkit'
import { createRuntime, listen, type ListenOptions } from '@hyper/util/platform'
import { referenceService } from '../../src/reference/service.ts'
import type { WatchedServer } from './node-http.ts'

/** What {@link startH2Reference} may be told. */
export interface H2ReferenceOptions {
  /** TLS with ALPN `h2`. Default: cleartext. */
  readonly tls?: boolean
  readonly options?: h2.H2ServerOptions | undefined
  readonly service?: Service | undefined
}

/** A server whose connections can be counted. */
export interface H2Reference extends WatchedServer {
  /** Connections that are not closed. */
  readonly open: () => number
  /** Requests that the service has seen. */
  readonly requests: () => number
}

/** Starts it on an ephemeral port of 127.0.0.1. What the service throws is no failure of a test. */
export async function startH2Reference(config: H2ReferenceOptions = {}): Promise<H2Reference> {
  const seen = new Map<number, string[]>()
  const inner = config.service ?? referenceService
  let requests = 0
  const service: Service = (request, exchange) => {
    requests++
    const from = exchange.peer.remotePort ?? 0
    const list = seen.get(from) ?? []
    seen.set(from, list)
    if (list.length < 1_000) list.push(`${request.method} ${request.target}`)
    return inner(request, exchange)
  }
  const runtime = createRuntime({ onError: () => undefined })
  const options: h2.ServeOptions = { ...config.options, runtime }
  const where: ListenOptions = { port: 0, hostname: '127.0.0.1' }
  const secured =
    config.tls === true ? { ...where, tls: { ...(await testCertificate()), alpn: ['h2'] } } : where
  const connections = new Set<h2.ServerConnection>()
  const listener = listen(secured, (io) => {
    // The kernel gives ports again.
    seen.delete(io.peer.remotePort ?? 0)
    const connection = h2.serveConnection(io, service, options)
    connections.add(connection)
    void connection.closed.then(() => connections.delete(connection))
  })
  await listener.ready
  return {
    port: listener.address?.port ?? 0,
    seen: (clientPort) => seen.get(clientPort) ?? [],
    open: () => connections.size,
    requests: () => requests,
    close: async () => {
      for (const connection of connections) connection.abort()
      await listener.close()
    },
  }
}
