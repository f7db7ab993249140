import { time } from '@hyper/core/error'
import { cachedResolver } from '../connect/cached-resolver.ts'
import type { Connector } from '../connect/connector.ts'
import { directConnector, type DirectOptions } from '../connect/direct-connector.ts'
import { ipFamily } from '../connect/address.ts'
import { addTiming, entersPhase } from '../connect/progress.ts'
import { proxied } from '../connect/proxy/proxied.ts'
import { proxyChoiceOf } from '../connect/proxy/proxy-choice.ts'
import type { Dial } from '../connect/race.ts'
import { HANDSHAKE_TIMEOUT, type Secure, securedIf } from '../connect/secure.ts'
import type { TcpOptions } from '../node/dial-tcp.ts'
import type { NodeConnectorOptions } from '../node/node-connector.ts'
import { bunResolver } from './bun-resolver.ts'
import { bunRuntime } from './bun-runtime.ts'
import { dialTcp, dialUnix } from './dial.ts'
import { bunSecure } from './secure.ts'

// bunConnector: everything that connecting takes on Bun, put together once: names, addresses raced, TCP, proxies, TLS. In: options,
// as on Node. Out: one connector.

/** How a {@link bunConnector} connects: the options of `nodeConnector`. */
export type BunConnectorOptions = NodeConnectorOptions

/**
 * Makes the connector that Bun programs want. It keeps a cache of names and of TLS sessions: make one, and use it for all
 * connections.
 * @throws HyperError `INVALID_OPTION`
 */
export function bunConnector(options: BunConnectorOptions = {}): Connector {
  const { maxSessions, runtime = bunRuntime, socketPath } = options
  const secure = bunSecure({ ...options.tls, maxSessions })
  if (socketPath !== undefined) return unixConnector(socketPath, secure, { ...options, runtime })
  const resolver = options.resolver ?? cachedResolver(bunResolver({ runtime }), { runtime })
  const { attemptDelay, handshakeTimeout, maxAddresses, overrides, tcp = {} } = options
  const direct: Omit<DirectOptions, 'secure'> = {
    runtime,
    resolver,
    dial: bunDial(tcp),
    overrides,
    family: options.family ?? familyOf(tcp.localAddress),
    attemptDelay,
    maxAddresses,
    handshakeTimeout,
  }
  const connector = directConnector({ ...direct, secure })
  const rules = proxyChoiceOf(options.proxy)
  if (rules === null) return connector
  return proxied(rules, {
    runtime,
    resolver,
    secure,
    handshakeTimeout,
    headers: options.proxyHeaders,
    userAgent: options.proxyUserAgent,
    // What is said of destinations, their addresses and their certificates, is not said of proxies.
    toProxy: directConnector({ ...direct, secure: bunSecure({ ...options.proxyTls, maxSessions }) }),
  })(connector)
}

/** Dials IP addresses with these options, for a `directConnector` of one's own. */
export function bunDial(tcp: TcpOptions = {}): Dial {
  return ({ address, port }, signal) => dialTcp(address, port, { ...tcp, signal })
}

/** With an address of our own in one family only, the other cannot be reached. */
function familyOf(local: TcpOptions['localAddress']): 4 | 6 | undefined {
  if (local === undefined) return undefined
  const families = (typeof local === 'string' ? [local] : local).map((address) => ipFamily(address))
  if (families.every((family) => family === 4)) return 4
  return families.every((family) => family === 6) ? 6 : undefined
}

function unixConnector(
  path: string,
  secure: Secure,
  options: BunConnectorOptions & Pick<DirectOptions, 'runtime'>,
): Connector {
  const { runtime } = options
  const timeout = time('handshakeTimeout', options.handshakeTimeout, HANDSHAKE_TIMEOUT)
  return async (destination, context) => {
    entersPhase(context, 'connect')
    const began = runtime.clock.now()
    const io = await dialUnix(path, { signal: context.signal })
    addTiming(context, 'connectMs', runtime.clock.now() - began)
    return securedIf(io, destination, context, { runtime, secure, timeout })
  }
}
