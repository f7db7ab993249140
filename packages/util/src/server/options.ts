import { time } from '@hyper/core/error'
import type { H1ServerOptions, ServeOptions as H1ServeOptions } from '@hyper/core/h1'
import type { H2ServerOptions, ServeOptions as H2ServeOptions } from '@hyper/core/h2'
import type { Io, Runtime } from '@hyper/core/rt'
import type { Tracer } from '@hyper/core/trace'

// Options of `serveAuto`, and what is made of them once: the two protocols keep what they make of theirs by the object.

/** What a connection may speak. */
export type AutoProtocol = 'http1' | 'http2'

/** What {@link serveAuto} needs besides the connection and the service. */
export interface AutoOptions {
  /** Clock, timer, deferral, text, and where background errors go. */
  readonly runtime: Runtime
  /** Hooks for observers; they hear of a connection once its protocol is known. Default: none. */
  readonly tracer?: Tracer | undefined
  /** For connections that speak HTTP/1. */
  readonly http1?: H1ServerOptions | undefined
  /** For connections that speak HTTP/2. */
  readonly http2?: H2ServerOptions | undefined
  /** Serves this one whatever the client wants: the other ends as a protocol error does. Default: both. */
  readonly only?: AutoProtocol | undefined
  /**
   * Milliseconds until the first bytes must have told the protocol; then the connection is closed without a word. 0, null
   * and Infinity turn it off. Default 10,000.
   */
  readonly sniffTimeout?: number | null | undefined
  /**
   * Called with the stream of an HTTP/1 connection that has switched protocols, just before the service gets what this
   * gives: the same stream, or one around it. Default: none.
   */
  readonly onSwitched?: ((io: Io) => Io) | undefined
}

/** Options as connections need them; made once of an options object. */
export interface AutoPlan {
  readonly runtime: Runtime
  readonly only: AutoProtocol | null
  readonly sniffTimeout: number
  readonly http1: H1ServeOptions
  readonly http2: H2ServeOptions
}

const kept = new WeakMap<AutoOptions, AutoPlan>()

/** @throws HyperError `INVALID_OPTION` */
export function planOf(options: AutoOptions): AutoPlan {
  let plan = kept.get(options)
  if (plan === undefined) {
    const { http1, http2, onSwitched, only = null, runtime, sniffTimeout, tracer } = options
    plan = {
      runtime,
      only,
      sniffTimeout: time('sniffTimeout', sniffTimeout, 10_000),
      http1: { ...http1, runtime, tracer, onSwitched },
      http2: { ...http2, runtime, tracer },
    }
    kept.set(options, plan)
  }
  return plan
}
