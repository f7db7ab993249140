import { count, HyperError, time } from '@hyper/core/error'
import type { H1ClientOptions } from '@hyper/core/h1'
import type { H2ClientOptions } from '@hyper/core/h2'
import type { Runtime } from '@hyper/core/rt'
import type { Tracer } from '@hyper/core/trace'
import type { Connector } from '../connect/connector.ts'
import { type LimitOptions, Limits } from './limits.ts'

// Options of a Pool, resolved and checked once.

/** HTTP/2 as a pool speaks it. */
export interface PooledH2Options extends H2ClientOptions {
  /**
   * True to speak HTTP/2 without TLS, too, to every server (prior knowledge, RFC 9113 §3.3). Default false: without TLS,
   * HTTP/1.1 is spoken.
   */
  readonly priorKnowledge?: boolean | undefined
  /**
   * How many connections an origin may have once all streams of the others are in use. Default 1: requests wait for a
   * stream, since a server that limits streams wants no more of them.
   */
  readonly maxConnections?: number | undefined
}

/** How a {@link Pool} makes, keeps and closes connections. Times are milliseconds. */
export interface PoolOptions extends LimitOptions {
  /** Makes streams of bytes. */
  readonly connector: Connector
  /** Clock, timer, deferral, text, and where background errors go. */
  readonly runtime: Runtime
  /** Hooks for observers of connections and requests. Default: none. */
  readonly tracer?: Tracer | undefined
  /** What HTTP/1 alone has; false to speak HTTP/2 only. Default: HTTP/1 is spoken. */
  readonly http1?: H1ClientOptions | false | undefined
  /** What HTTP/2 alone has; false to speak HTTP/1 only. Default: HTTP/2 is spoken where ALPN agrees on it. */
  readonly http2?: PooledH2Options | boolean | undefined
  /**
   * How long a connection that is not in use is kept; a shorter promise of the server (`Keep-Alive: timeout`) wins. 0,
   * null and Infinity: no limit. Default 90,000.
   */
  readonly idleTimeout?: number | null | undefined
  /** How old a connection may become; then it serves no further request. 0, null and Infinity: no limit. Default: off. */
  readonly maxAge?: number | null | undefined
  /** Origins of which it is remembered whether they speak HTTP/2, also when no connection is left. Default 1,000. */
  readonly maxKnownOrigins?: number | undefined
  /** A request for this origin waits because a limit forbids one more connection, or all streams are in use. */
  readonly onBlocked?: ((origin: string) => void) | undefined
}

/** What a pool works with. */
export interface PoolSettings {
  readonly connector: Connector
  readonly runtime: Runtime
  readonly tracer: Tracer | undefined
  /** Null: not spoken. */
  readonly h1: H1ClientOptions | null
  readonly h2: H2ClientOptions | null
  readonly priorKnowledge: boolean
  readonly maxShared: number
  readonly idleTimeout: number
  readonly maxAge: number
  readonly maxKnownOrigins: number
  readonly limits: Limits
  readonly onBlocked: ((origin: string) => void) | null
}

/** @throws HyperError `INVALID_OPTION` */
export function poolSettings(options: PoolOptions): PoolSettings {
  const { connector, runtime, tracer, http1 = {}, http2 = true } = options
  if (http1 === false && http2 === false) {
    throw new HyperError('INVALID_OPTION', 'http1 and http2 cannot both be off', { by: 'user' })
  }
  const { maxConnections, priorKnowledge = false, ...h2 } = typeof http2 === 'object' ? http2 : {}
  return {
    connector,
    runtime,
    tracer,
    h1: http1 === false ? null : http1,
    h2: http2 === false ? null : h2,
    priorKnowledge: priorKnowledge || http1 === false,
    maxShared: count('http2.maxConnections', maxConnections, 1, 1),
    idleTimeout: time('idleTimeout', options.idleTimeout, 90_000),
    maxAge: time('maxAge', options.maxAge, Infinity),
    maxKnownOrigins: count('maxKnownOrigins', options.maxKnownOrigins, 1_000, 0),
    limits: new Limits(options),
    onBlocked: options.onBlocked ?? null,
  }
}
