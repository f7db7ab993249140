import { time } from '@hyper/core/error'
import type { HeaderMap, HeadersInit } from '@hyper/core/http'
import type { Runtime } from '@hyper/core/rt'
import { isIP } from 'node:net'
import { cachedResolver } from '../connect/cached-resolver.ts'
import type { Connector } from '../connect/connector.ts'
import { directConnector, type DirectOptions } from '../connect/direct-connector.ts'
import { addTiming, entersPhase } from '../connect/progress.ts'
import { proxied, type ProxyChoice } from '../connect/proxy/proxied.ts'
import { proxyChoiceOf } from '../connect/proxy/proxy-choice.ts'
import type { Dial } from '../connect/race.ts'
import type { Resolver } from '../connect/resolver.ts'
import { HANDSHAKE_TIMEOUT, type Secure, securedIf } from '../connect/secure.ts'
import { dialTcp, dialUnix, type TcpOptions } from './dial-tcp.ts'
import { nodeResolver } from './node-resolver.ts'
import { nodeRuntime } from './node-runtime.ts'
import { type ConnectTls, nodeSecure } from './secure.ts'

// nodeConnector: everything that connecting takes on Node, put together once: names, addresses raced, TCP, proxies, TLS. In:
// options. Out: one connector. Each part is to be had alone, and this file shows how they fit.

/** How a {@link nodeConnector} connects. Everything has a default. Times are milliseconds. */
export interface NodeConnectorOptions extends Pick<
  DirectOptions,
  'overrides' | 'family' | 'attemptDelay' | 'maxAddresses' | 'handshakeTimeout'
> {
  /** Knows the addresses of names. Default: the system's resolver, with a cache of 10 s in front of it. */
  readonly resolver?: Resolver | undefined
  /** What TCP connections are made with. */
  readonly tcp?: TcpOptions | undefined
  /** TLS to destinations. `alpn` is what is offered to destinations that say nothing themselves. */
  readonly tls?: ConnectTls | undefined
  /** Origins whose last TLS session is kept for resumption; 0 keeps none. Default 100. */
  readonly maxSessions?: number | undefined
  /** A unix socket in place of every host and port; no proxy is asked then. */
  readonly socketPath?: string | undefined
  /**
   * The proxy for everything, by its URL, or rules: `ProxyRules.fromEnvironment(process.env)`. Default: none.
   */
  readonly proxy?: ProxyChoice | string | URL | null | undefined
  /** TLS to `https:` proxies. Default: Node's own. */
  readonly proxyTls?: ConnectTls | undefined
  /** Fields for HTTP proxies, beside those that are needed. */
  readonly proxyHeaders?: HeadersInit | HeaderMap | undefined
  /** The `user-agent` of CONNECT. Default: none. */
  readonly proxyUserAgent?: string | undefined
  /** Clock and timers. Default: those of Node. */
  readonly runtime?: Runtime | undefined
}

/**
 * Makes the connector that Node programs want. It keeps a cache of names and of TLS sessions: make one, and use it for all
 * connections.
 * @throws HyperError `INVALID_OPTION`
 */
export function nodeConnector(options: NodeConnectorOptions = {}): Connector {
  const { runtime = nodeRuntime, socketPath } = options
  const { maxSessions } = options
  const secure = nodeSecure({ ...options.tls, maxSessions })
  if (socketPath !== undefined) return unixConnector(socketPath, secure, options, runtime)
  const resolver = options.resolver ?? cachedResolver(nodeResolver({ runtime }), { runtime })
  const direct = directOptions(options, resolver, runtime)
  const connector = directConnector({ ...direct, secure })
  const rules = proxyChoiceOf(options.proxy)
  if (rules === null) return connector
  return proxied(rules, {
    runtime,
    resolver,
    secure,
    handshakeTimeout: options.handshakeTimeout,
    headers: options.proxyHeaders,
    userAgent: options.proxyUserAgent,
    // What is said of destinations, their addresses and their certificates, is not said of proxies.
    toProxy: directConnector({ ...direct, secure: nodeSecure({ ...options.proxyTls, maxSessions }) }),
  })(connector)
}

/** Dials IP addresses with these options, for a `directConnector` of one's own. */
export function nodeDial(tcp: TcpOptions = {}): Dial {
  return ({ address, port }, signal) => dialTcp(address, port, { ...tcp, signal })
}

function directOptions(
  options: NodeConnectorOptions,
  resolver: Resolver,
  runtime: Runtime,
): Omit<DirectOptions, 'secure'> {
  const { attemptDelay, handshakeTimeout, maxAddresses, overrides, tcp = {} } = options
  return {
    runtime,
    resolver,
    dial: nodeDial(tcp),
    overrides,
    family: options.family ?? familyOf(tcp.localAddress),
    attemptDelay,
    maxAddresses,
    handshakeTimeout,
  }
}

/** With an address of our own in one family only, the other cannot be reached. */
function familyOf(local: TcpOptions['localAddress']): 4 | 6 | undefined {
  if (local === undefined) return undefined
  const families = (typeof local === 'string' ? [local] : local).map((address) => isIP(address))
  if (families.every((family) => family === 4)) return 4
  return families.every((family) => family === 6) ? 6 : undefined
}

function unixConnector(
  path: string,
  secure: Secure,
  options: NodeConnectorOptions,
  runtime: Runtime,
): Connector {
  const timeout = time('handshakeTimeout', options.handshakeTimeout, HANDSHAKE_TIMEOUT)
  return async (destination, context) => {
    entersPhase(context, 'connect')
    const began = runtime.clock.now()
    const io = await dialUnix(path, { signal: context.signal })
    addTiming(context, 'connectMs', runtime.clock.now() - began)
    return securedIf(io, destination, context, { runtime, secure, timeout })
  }
}
