import type { Runtime } from '@hyper/core/rt'
import { type Connector, ProxyRules } from '@hyper/util/connect'
import { connector, environment, runtime as ownRuntime } from '@hyper/util/platform'
import type { ClientOptions } from './options.ts'

// What a client takes of the platform where nothing else is given.

/** Clock, timers and text. */
export const platformRuntime: Runtime = ownRuntime

/** Sockets, TLS where the URL says so, unix sockets, and proxies. */
export function platformConnector(options: ClientOptions, runtime: Runtime): Connector {
  const { ca, resolver, servername, socketPath, tcp, tls } = options
  const proxy = options.proxy === undefined ? ProxyRules.fromEnvironment(environment) : options.proxy
  const rejectUnauthorized = options.rejectUnauthorized ?? tls?.rejectUnauthorized ?? true
  const trust = { rejectUnauthorized, ...(ca === undefined ? {} : { ca }) }
  return connector({
    runtime,
    socketPath,
    resolver,
    tcp,
    proxy,
    tls: { ...tls, ...trust, ...(servername === undefined ? {} : { servername }) },
    proxyTls: trust,
    // `timeouts.connect` is over everything, and no other timeout stands behind it.
    handshakeTimeout: null,
  })
}
