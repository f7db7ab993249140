import { time, userError } from '@hyper/core/error'
import type { HeaderMap, HeadersInit } from '@hyper/core/http'
import type { Io, Runtime } from '@hyper/core/rt'
import { hostPort } from '../connect/address.ts'
import { cachedResolver } from '../connect/cached-resolver.ts'
import { type ConnectContext, type Connector, TLS_INFO } from '../connect/connector.ts'
import { withDeadline } from '../connect/deadline.ts'
import { addressOf, type Destination } from '../connect/destination.ts'
import { directConnector, type DirectOptions } from '../connect/direct-connector.ts'
import { connectError } from '../connect/failure.ts'
import { addTiming, entersPhase } from '../connect/progress.ts'
import { proxied, type ProxyChoice } from '../connect/proxy/proxied.ts'
import { parseProxy } from '../connect/proxy/proxy-server.ts'
import type { Dial } from '../connect/race.ts'
import type { Resolver } from '../connect/resolver.ts'
import { HANDSHAKE_TIMEOUT } from '../connect/secure.ts'
import { denoApi } from './deno-api.ts'
import { denoResolver } from './deno-resolver.ts'
import { denoRuntime } from './deno-runtime.ts'
import { dialTcp, dialUnix, ensureTcp, type TcpOptions } from './dial.ts'
import { refuse } from './refuse.ts'
import {
  type ConnectTls,
  type ReadTls,
  readTls,
  secureWith,
  shaken,
  startTlsOptions,
  UNTOLD,
} from './secure.ts'

// denoConnector: everything that connecting takes on Deno, put together once: names, addresses raced, TCP, proxies, TLS. In:
// options. Out: one connector.

/** How a {@link denoConnector} connects. Everything has a default. Times are milliseconds. */
export interface DenoConnectorOptions extends Pick<
  DirectOptions,
  'overrides' | 'family' | 'attemptDelay' | 'maxAddresses' | 'handshakeTimeout'
> {
  /** Knows the addresses of names. Default: the system's resolver, with a cache of 10 s in front of it. */
  readonly resolver?: Resolver | undefined
  /** What TCP connections are made with. */
  readonly tcp?: TcpOptions | undefined
  /** TLS to destinations. `alpn` is what is offered to destinations that say nothing themselves. */
  readonly tls?: ConnectTls | undefined
  /** A unix socket in place of every host and port; no proxy is asked then. Without TLS, which Deno has over TCP only. */
  readonly socketPath?: string | undefined
  /**
   * The proxy for everything, by its URL, or rules. Default: none. Through an `https:` proxy Deno reaches no `https:` URL: it
   * has no TLS inside of TLS.
   */
  readonly proxy?: ProxyChoice | string | URL | null | undefined
  /** TLS to `https:` proxies. */
  readonly proxyTls?: ConnectTls | undefined
  /** Fields for HTTP proxies, beside those that are needed. */
  readonly proxyHeaders?: HeadersInit | HeaderMap | undefined
  /** The `user-agent` of CONNECT. Default: none. */
  readonly proxyUserAgent?: string | undefined
  /** Clock and timers. Default: those of Deno. */
  readonly runtime?: Runtime | undefined
}

const KNOWN: readonly string[] = [
  ...[
    'resolver',
    'tcp',
    'tls',
    'socketPath',
    'proxy',
    'proxyTls',
    'proxyHeaders',
    'proxyUserAgent',
    'runtime',
  ],
  ...['overrides', 'family', 'attemptDelay', 'maxAddresses', 'handshakeTimeout'],
]

/**
 * Makes the connector that Deno programs want. It keeps a cache of names: make one, and use it for all connections.
 * @throws HyperError `INVALID_OPTION`, also for what Deno cannot do
 */
export function denoConnector(options: DenoConnectorOptions = {}): Connector {
  refuse('', options, KNOWN)
  ensureTcp(options.tcp ?? {})
  const { runtime = denoRuntime, socketPath } = options
  const tls = readTls('tls', options.tls ?? {})
  if (socketPath !== undefined) return unixConnector(socketPath, runtime)
  const resolver = options.resolver ?? cachedResolver(denoResolver(), { runtime })
  const direct = directOptions(options, resolver, runtime)
  const straight = directConnector({ ...direct, secure: secureWith(tls) })
  const connector = tls.pair === null ? straight : withCertificate(tls, straight, options, runtime)
  const rules = rulesOf(options.proxy)
  if (rules === null) return connector
  if (tls.pair !== null) throw userError('INVALID_OPTION', 'tls.cert: Deno sends none through a proxy')
  const proxyTls = readTls('proxyTls', options.proxyTls ?? {})
  if (proxyTls.pair !== null) throw userError('INVALID_OPTION', 'proxyTls.cert: Deno sends none to a proxy')
  return proxied(rules, {
    runtime,
    resolver,
    secure: secureWith(tls),
    handshakeTimeout: options.handshakeTimeout,
    headers: options.proxyHeaders,
    userAgent: options.proxyUserAgent,
    // What is said of destinations, their addresses and their certificates, is not said of proxies.
    toProxy: directConnector({ ...direct, secure: secureWith(proxyTls) }),
  })(connector)
}

/** Dials IP addresses with these options, for a `directConnector` of one's own. */
export function denoDial(tcp: TcpOptions = {}): Dial {
  return ({ address, port }, signal) => dialTcp(address, port, { ...tcp, signal })
}

function directOptions(
  options: DenoConnectorOptions,
  resolver: Resolver,
  runtime: Runtime,
): Omit<DirectOptions, 'secure'> {
  const { attemptDelay, family, handshakeTimeout, maxAddresses, overrides, tcp } = options
  return {
    runtime,
    resolver,
    dial: denoDial(tcp),
    overrides,
    family,
    attemptDelay,
    maxAddresses,
    handshakeTimeout,
  }
}

function unixConnector(path: string, runtime: Runtime): Connector {
  return async (destination, context) => {
    if (destination.secure)
      throw userError('INVALID_OPTION', `${destination.origin}: Deno has no TLS over a unix socket`)
    entersPhase(context, 'connect')
    const began = runtime.clock.now()
    const io = await dialUnix(path, { signal: context.signal })
    addTiming(context, 'connectMs', runtime.clock.now() - began)
    return io
  }
}

/** A certificate of ours goes only where Deno connects by itself, name and all: `Deno.connectTls`. */
function withCertificate(
  tls: ReadTls,
  plain: Connector,
  options: DenoConnectorOptions,
  runtime: Runtime,
): Connector {
  const { overrides, resolver } = options
  refuse('tls.cert with', { overrides, resolver, servername: tls.servername }, [], {})
  const timeout = time('handshakeTimeout', options.handshakeTimeout, HANDSHAKE_TIMEOUT)
  return (destination, context) => {
    if (!destination.secure) return plain(destination, context)
    const address = addressOf(destination)
    return withDeadline(
      { runtime, timeout, signal: context.signal },
      (signal) => connectTls(tls, destination, { signal, info: context.info }),
      () =>
        connectError('CONNECT_TIMEOUT', `no TLS connection to ${address} within ${timeout} ms`, {
          phase: 'tls',
          address,
          elapsedMs: timeout,
        }),
    )
  }
}

async function connectTls(tls: ReadTls, destination: Destination, context: ConnectContext): Promise<Io> {
  entersPhase(context, 'tls')
  const { host, port } = destination
  const begin = (): ReturnType<ReturnType<typeof denoApi>['connectTls']> =>
    denoApi().connectTls({ ...startTlsOptions(tls, destination), ...tls.pair, port })
  const io = await shaken(begin, hostPort(host, port), context.signal, ignore)
  context.info.set(TLS_INFO, UNTOLD)
  return io
}

function rulesOf(proxy: DenoConnectorOptions['proxy']): ProxyChoice | null {
  if (proxy == null) return null
  if (typeof proxy !== 'string' && !(proxy instanceof URL)) return proxy
  const server = parseProxy(proxy)
  return { find: () => server }
}

function ignore(): void {}
