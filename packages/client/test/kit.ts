import { serveConnection } from '@hyper/core/h1'
import { serveConnection as serveH2 } from '@hyper/core/h2'
import { HttpResponse } from '@hyper/core/http'
import type { Io, PeerInfo } from '@hyper/core/rt'
import type { Service } from '@hyper/core/service'
import { VirtualRuntime } from '@hyper/testkit'
import type { Connector } from '@hyper/util/connect'
import { duplex } from '@hyper/util/memory'
import { Client, type ClientOptions } from '../src/index.ts'

// A client and servers in memory, on a virtual clock: our own engine at both ends.

export type Protocol = 'h2' | 'http/1.1'
export const PROTOCOLS: readonly Protocol[] = ['h2', 'http/1.1']

export class World {
  readonly runtime: VirtualRuntime = new VirtualRuntime()
  readonly client: Client
  readonly dials: string[] = []
  /** The server's end of each connection. */
  readonly ends: Io[] = []
  readonly servers: { gracefulShutdown(): void; abort(): void }[] = []
  service: Service = () => new HttpResponse('ok')
  maxConcurrentStreams: number = 100
  /** Whether servers of HTTP/2 offer extended CONNECT. */
  offersConnect: boolean = true
  /** What a dial waits for. */
  gate: Promise<unknown> | null = null

  constructor(speaks: Protocol, options: ClientOptions = {}) {
    const { runtime } = this
    const connector: Connector = async (destination) => {
      this.dials.push(destination.origin)
      await this.gate
      const [client, server] = duplex({ runtime })
      this.ends.push(server)
      const isH2 = speaks === 'h2' && destination.alpn?.includes('h2') !== false
      const alpn = isH2 ? { alpnProtocol: 'h2' } : {}
      const peer: PeerInfo = {
        transport: 'memory',
        encrypted: true,
        remoteAddress: '192.0.2.1',
        remotePort: 443,
        ...alpn,
      }
      Object.assign(client, { peer })
      const serve: Service = (request, exchange) => this.service(request, exchange)
      const { maxConcurrentStreams } = this
      const patient = { runtime, bodyIdleTimeout: null, sendTimeout: null }
      this.servers.push(
        isH2
          ? serveH2(server, serve, {
              ...patient,
              idleTimeout: null,
              maxConcurrentStreams,
              enableConnectProtocol: this.offersConnect,
            })
          : serveConnection(server, serve, { ...patient, keepAliveTimeout: null, headerReadTimeout: null }),
      )
      return client
    }
    this.client = new Client({ runtime, connector, ...options })
  }

  /** Everything that can happen without time passing. */
  async done<T>(promise: T | Promise<T>): Promise<T> {
    await this.runtime.settle()
    return promise
  }

  /** The time goes by. */
  async pass(ms: number): Promise<void> {
    await this.runtime.settle()
    this.runtime.advance(ms)
    await this.runtime.settle()
  }
}

/** What became of a promise so far; never rejects. */
export function watch(promise: Promise<unknown>): {
  state: 'pending' | 'resolved' | 'rejected'
  value: unknown
} {
  const watched: { state: 'pending' | 'resolved' | 'rejected'; value: unknown } = {
    state: 'pending',
    value: null,
  }
  promise.then(
    (value) => Object.assign(watched, { state: 'resolved', value }),
    (value: unknown) => Object.assign(watched, { state: 'rejected', value }),
  )
  return watched
}

export const URL_A = 'https://a.test/'
