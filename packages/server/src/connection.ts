import type { HyperError } from '@hyper/core/error'
import type { Io } from '@hyper/core/rt'
import type { Service } from '@hyper/core/service'
import { type AutoOptions, serveAuto } from '@hyper/util/server'

// The door at which a protocol is chosen for a connection. In: a stream that was accepted. Out: a running connection,
// whatever it speaks; the server knows no more of it than this shape.

/** A connection as the server sees it. */
export interface Connection {
  /** Resolves when the connection is gone; never rejects. */
  readonly closed: Promise<unknown>
  /** Finishes what runs, takes nothing new, closes. An idle connection waits so many ms for a request on its way. */
  gracefulShutdown(grace: number): void
  /** Ends it now, with a reset where the transport has one. */
  abort(reason?: HyperError): void
}

/** What every connection of one server is made with. */
export interface ConnectionConfig {
  readonly service: Service
  readonly auto: AutoOptions
  /** Opens a connection in another way than {@link openConnection} does by itself: for who must know it. */
  readonly open?: ((io: Io) => Connection) | undefined
}

/** Runs the protocol of `io`: what ALPN has agreed on, or what the first bytes tell. */
export function openConnection(io: Io, config: ConnectionConfig): Connection {
  return config.open === undefined ? serveAuto(io, config.service, config.auto) : config.open(io)
}
