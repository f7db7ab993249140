// Our reference server inside the test's own process, with a witness beside the service.
import type { Service } from '@hyper/core/service'
import type { Tracer } from '@hyper/core/trace'
import { serve, type ServeOptions } from '@hyper/server'
import { referenceService } from '../../src/reference/service.ts'
import type { WatchedServer } from './node-http.ts'

/** Starts it on an ephemeral port of 127.0.0.1. What the service throws is no failure of a test. */
export async function startReference(options: Partial<ServeOptions> = {}): Promise<WatchedServer> {
  const seen = new Map<number, string[]>()
  const service: Service = (request, exchange) => {
    const from = exchange.peer.remotePort ?? 0
    const list = seen.get(from) ?? []
    seen.set(from, list)
    list.push(`${request.method} ${request.target}`)
    return referenceService(request, exchange)
  }
  // Thousands of connections within seconds: the kernel gives ports again.
  const tracer: Tracer = { onConnectionStart: (_, peer) => seen.delete(peer.remotePort ?? 0) }
  const server = await serve({ hostname: '127.0.0.1', service, tracer, onError: () => undefined, ...options })
  return {
    port: server.port,
    seen: (clientPort) => seen.get(clientPort) ?? [],
    close: () => server.close({ deadline: 100 }),
  }
}
