import { userError } from '@hyper/core/error'
import type { HeaderMap } from '@hyper/core/http'
import type { Runtime } from '@hyper/core/rt'
import type { Tracer } from '@hyper/core/trace'
import { Pool } from '@hyper/util/pool'
import { checkClientOptions } from './check.ts'
import { defaultHeaders } from './layers/defaults.ts'
import { atLeast, shown } from './option.ts'
import type { ClientOptions, ClientTimeouts, RequestOptions } from './options.ts'
import { platformConnector, platformRuntime } from './platform.ts'
import { UNREAD_TIME, UnreadBodies } from './unread.ts'

// What a client was made with, resolved once: every default filled in.

export interface Config {
  readonly runtime: Runtime
  readonly tracer: Tracer | null
  readonly pool: Pool
  readonly unread: UnreadBodies
  /** HTTP/2 is spoken without TLS, too. */
  readonly priorKnowledge: boolean
  readonly timeouts: Timeouts
  /** Sent with every request that does not have them. Never changed. */
  readonly headers: HeaderMap
  readonly maxReplays: number
}

/** Milliseconds; Infinity is off. */
export interface Timeouts {
  readonly connect: number
  readonly pool: number
  readonly total: number
  readonly keepAlive: number
}

/** @throws HyperError `INVALID_OPTION` */
export function configOf(options: ClientOptions): Config {
  checkClientOptions(options)
  const { http1 = {}, http2 = true, timeouts = {}, tracer } = options
  const runtime = options.runtime ?? platformRuntime
  const { unreadTimeout, ...limits } = options.pool ?? {}
  const patience = timeOf('pool.unreadTimeout', unreadTimeout, UNREAD_TIME)
  const unread = new UnreadBodies(runtime, patience, () => pool)
  const keepAlive = timeoutOf('keepAlive', timeouts.keepAlive, 90_000)
  const pool: Pool = new Pool({
    ...limits,
    onBlocked: (origin) => unread.wanted(origin),
    runtime,
    tracer,
    connector: options.connector ?? platformConnector(options, runtime),
    idleTimeout: keepAlive,
    http1: http1 === false ? false : { ...http1, ...phases(timeouts, http1) },
    http2: http2 === false ? false : { ...(http2 === true ? {} : http2), ...phases(timeouts, http2) },
  })
  return {
    runtime,
    tracer: tracer ?? null,
    pool,
    unread,
    priorKnowledge: http1 === false || (typeof http2 === 'object' && http2.priorKnowledge === true),
    timeouts: {
      connect: timeoutOf('connect', timeouts.connect, 10_000),
      pool: timeoutOf('pool', timeouts.pool, Infinity),
      total: timeoutOf('total', timeouts.total, Infinity),
      keepAlive,
    },
    headers: defaultHeaders(options),
    maxReplays: countOf('maxReplays', options.maxReplays, 5),
  }
}

/** What a protocol's own options may say of a response. */
interface Phases {
  readonly headersTimeout?: number | null | undefined
  readonly bodyIdleTimeout?: number | null | undefined
}

// What `timeouts` says wins.
function phases(timeouts: ClientTimeouts, own: Phases | true): Phases {
  const { bodyIdleTimeout, headersTimeout }: Phases = own === true ? {} : own
  return {
    headersTimeout: timeoutOf('headers', timeouts.headers, headersTimeout),
    bodyIdleTimeout: timeoutOf('idle', timeouts.idle, bodyIdleTimeout),
  }
}

/** Milliseconds of a timeout that was given, or else the default; Infinity when it is off. */
export function timeoutOf<T>(name: string, given: number | null | undefined, fallback: T): number | T {
  return timeOf(`timeouts.${name}`, given, fallback)
}

/** The same of any option. */
export function timeOf<T>(name: string, given: number | null | undefined, fallback: T): number | T {
  if (given === undefined) return fallback
  if (given === null || given === 0) return Infinity
  return atLeast(name, given, given, 0)
}

/** The same where 0 is no time at all, and nothing is for ever. */
export function amountOf(name: string, given: number | undefined): number {
  return given === 0 ? 0 : timeOf(name, given, Infinity)
}

/** How long a request may take in all, by what was said of it or of the client. */
export function totalOf(options: RequestOptions | undefined, timeouts: Timeouts): number {
  return timeoutOf('total', options?.timeouts?.total, timeouts.total)
}

function countOf(name: string, given: number | undefined, fallback: number): number {
  if (given === undefined || given === Infinity) return given ?? fallback
  if (Number.isInteger(given) && given >= 0) return given
  throw userError('INVALID_OPTION', `${name} must be a whole number, not ${shown(given)}`)
}
