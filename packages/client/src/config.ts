import { ClientMachine, type H1ClientOptions } from '@hyper/core/h1'
import type { HeaderMap } from '@hyper/core/http'
import type { Runtime } from '@hyper/core/rt'
import type { Tracer } from '@hyper/core/trace'
import { userError } from '@hyper/core/error'
import { type Connector, ProxyRules } from '@hyper/util/connect'
import { nodeConnector, nodeRuntime } from '@hyper/util/node'
import { defaultHeaders } from './layers/defaults.ts'
import type { ClientOptions } from './options.ts'

// What a client was made with, resolved once: every default filled in.

export interface Config {
  readonly runtime: Runtime
  readonly connector: Connector
  /** Milliseconds; Infinity is off. */
  readonly connectTimeout: number
  readonly keepAlive: number
  /** Of every request that says nothing of them. */
  readonly headers: HeaderMap
  readonly h1: H1ClientOptions & { readonly runtime: Runtime; readonly tracer?: Tracer }
}

/** @throws HyperError `INVALID_OPTION` */
export function configOf(options: ClientOptions): Config {
  const { http1, timeouts = {}, tracer } = options
  const runtime = options.runtime ?? nodeRuntime
  const h1 = {
    ...http1,
    headersTimeout: timeoutOf('headers', timeouts.headers, http1?.headersTimeout),
    bodyIdleTimeout: timeoutOf('idle', timeouts.idle, http1?.bodyIdleTimeout),
    runtime,
  }
  // A mistake is to be told now: a machine checks what it is made with.
  void new ClientMachine(h1)
  return {
    runtime,
    connector: options.connector ?? socketConnector(options, runtime),
    connectTimeout: timeoutOf('connect', timeouts.connect, 10_000),
    keepAlive: timeoutOf('keepAlive', timeouts.keepAlive, 90_000),
    headers: defaultHeaders(options),
    h1: tracer === undefined ? h1 : { ...h1, tracer },
  }
}

/** Milliseconds of a timeout that was given, or else the default; Infinity when it is off. */
export function timeoutOf<T>(name: string, given: number | null | undefined, fallback: T): number | T {
  if (given === undefined) return fallback
  if (given === null || given === 0) return Infinity
  if (typeof given !== 'number' || Number.isNaN(given) || given < 0) {
    const shown = typeof given === 'number' ? String(given) : `a ${typeof given}`
    throw userError('INVALID_OPTION', `timeouts.${name} must be a number of at least 0, not ${shown}`)
  }
  return given
}

function socketConnector(options: ClientOptions, runtime: Runtime): Connector {
  const { ca, rejectUnauthorized, servername, socketPath } = options
  const proxy = options.proxy === undefined ? ProxyRules.fromEnvironment(process.env) : options.proxy
  const trust = { rejectUnauthorized: rejectUnauthorized ?? true, ...(ca === undefined ? {} : { ca }) }
  return nodeConnector({
    runtime,
    socketPath,
    proxy,
    tls: { ...trust, ...(servername === undefined ? {} : { servername }) },
    proxyTls: trust,
    // `timeouts.connect` is over everything, and no other timeout stands behind it.
    handshakeTimeout: null,
  })
}
