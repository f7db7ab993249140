import type { HyperError } from '@hyper/core/error'
import type { Io } from '@hyper/core/rt'
import { ipFamily } from '../address.ts'
import type { ConnectContext, ConnectLayer } from '../connector.ts'
import { addressOf, type Destination } from '../destination.ts'
import { addTiming, entersPhase } from '../progress.ts'
import { lookUp, noAddress, type Resolver } from '../resolver.ts'
import type { ProxyHandshake } from './handshake.ts'
import type { ProxyServer } from './proxy-server.ts'
import { Socks4Handshake } from './socks4-handshake.ts'
import { Socks5Handshake, type SocksCredentials } from './socks5-handshake.ts'
import { type SocksTarget, socksTarget } from './socks-target.ts'
import { ProxyPath, proxyOf, type ProxyOptions } from './through-proxy.ts'

// SOCKS proxies as layers. They differ in who looks names up: with `socks4` and `socks5` it is us, and every address of a
// name is asked for in turn; with `socks4a` and `socks5h` it is the proxy.

/** How a name is asked for in turn, when it is us who looks it up: addresses at most. */
const MAX_TURNS = 4

/** Where names are looked up here. */
export interface LocalNames {
  readonly resolver: Resolver
}

/** How SOCKS5 is spoken. */
export interface Socks5Options extends ProxyOptions {
  /**
   * Everything is sent before the first answer is read, which saves two round trips; a proxy that has to choose the way of
   * authentication first may not take it. Default false.
   */
  readonly optimistic?: boolean | undefined
}

/** A SOCKS4 proxy; names are looked up here, and only IPv4 addresses can be asked for. A user name in the URL is sent. */
export function socks4(proxy: string | URL | ProxyServer, options: ProxyOptions & LocalNames): ConnectLayer {
  const server = proxyOf(proxy, 'socks4', 'socks4a')
  return socksLayer(
    server,
    options,
    { resolver: options.resolver, family: 4 },
    (target) => new Socks4Handshake(target, server.username),
  )
}

/** A SOCKS4a proxy, which looks names up itself. IPv6 addresses are `PROXY`. */
export function socks4a(proxy: string | URL | ProxyServer, options: ProxyOptions): ConnectLayer {
  const server = proxyOf(proxy, 'socks4', 'socks4a')
  return socksLayer(server, options, null, (target) => new Socks4Handshake(target, server.username))
}

/** A SOCKS5 proxy; names are looked up here. User name and password in the URL are offered. */
export function socks5(proxy: string | URL | ProxyServer, options: Socks5Options & LocalNames): ConnectLayer {
  const server = proxyOf(proxy, 'socks5', 'socks5h')
  return socksLayer(
    server,
    options,
    { resolver: options.resolver, family: null },
    socks5With(server, options),
  )
}

/** A SOCKS5 proxy, which looks names up itself: none is asked for here. */
export function socks5h(proxy: string | URL | ProxyServer, options: Socks5Options): ConnectLayer {
  const server = proxyOf(proxy, 'socks5', 'socks5h')
  return socksLayer(server, options, null, socks5With(server, options))
}

/** Who looks names up here, and what for. */
interface Lookup {
  readonly resolver: Resolver
  /** Null for both. */
  readonly family: 4 | null
}

function socks5With(
  { password, username }: ProxyServer,
  { optimistic = false }: Socks5Options,
): (target: SocksTarget) => ProxyHandshake {
  const credentials: SocksCredentials | null =
    username === null ? null : { username, password: password ?? '' }
  return (target) => new Socks5Handshake(target, credentials, optimistic)
}

function socksLayer(
  server: ProxyServer,
  options: ProxyOptions,
  lookup: Lookup | null,
  handshakeFor: (target: SocksTarget) => ProxyHandshake,
): ConnectLayer {
  // Credentials that cannot be sent are told now.
  void handshakeFor(socksTarget('name', 1))
  return (inner) => {
    const path = new ProxyPath(server, inner, options)
    return async (destination, context) => {
      path.ensureCanSecure(destination)
      const targets = await targetsOf(destination, context, lookup, options)
      const io = await firstWay(path, targets.map(handshakeFor), destination, context)
      return path.secured(io, destination, context)
    }
  }
}

async function targetsOf(
  { host, port }: Destination,
  context: ConnectContext,
  lookup: Lookup | null,
  { runtime }: ProxyOptions,
): Promise<SocksTarget[]> {
  if (lookup === null || ipFamily(host) !== 0) return [socksTarget(host, port)]
  entersPhase(context, 'dns')
  const began = runtime.clock.now()
  const found = await lookUp(lookup.resolver, host, context.signal)
  addTiming(context, 'dnsMs', runtime.clock.now() - began)
  const usable = found.filter(({ family }) => lookup.family === null || family === lookup.family)
  if (usable.length === 0) throw noAddress(host, `it has no IPv4 address, and SOCKS4 takes no other`)
  return usable.slice(0, MAX_TURNS).map(({ address }) => socksTarget(address, port))
}

/** One after the other, as long as it is the address that the proxy complains of. */
async function firstWay(
  path: ProxyPath,
  handshakes: readonly ProxyHandshake[],
  destination: Destination,
  context: ConnectContext,
): Promise<Io> {
  let first: HyperError | null = null
  for (const handshake of handshakes) {
    // oxlint-disable-next-line no-await-in-loop
    const { error, fault, io } = await path.ask(handshake, destination, context)
    if (io !== null) return io
    first ??= error
    if (!fault.isAboutAddress) break
  }
  throw first ?? noAddress(addressOf(destination), 'it has no address')
}
