import { HeaderMap, type HeadersInit } from '@hyper/core/http'
import type { Runtime } from '@hyper/core/rt'
import { type ConnectLayer, type Connector, FORWARD_PROXY } from '../connector.ts'
import type { Destination } from '../destination.ts'
import type { Resolver } from '../resolver.ts'
import { httpTunnel } from './http-tunnel.ts'
import { basicAuthorization, type ProxyServer } from './proxy-server.ts'
import { socks4, socks4a, socks5, socks5h } from './socks.ts'
import { ProxyPath, type ProxyOptions } from './through-proxy.ts'

// proxied: a proxy where the rules say so, the direct way elsewhere. In: a connector that reaches everything directly. Out:
// one that asks the rules first.
//
//   https:, HTTP/2, upgrades   through an HTTP proxy   a tunnel, and what is wanted through it
//   http:                      through an HTTP proxy   to the proxy itself, which FORWARD_PROXY says
//   anything                   through SOCKS           a tunnel

/** Who says which proxy leads where: `ProxyRules`, or a function of one's own. */
export interface ProxyChoice {
  /** The proxy for a destination; null for the direct way. */
  find(destination: Destination): ProxyServer | null
}

/** How {@link proxied} asks proxies. */
export interface ProxiedOptions extends ProxyOptions {
  readonly runtime: Pick<Runtime, 'clock' | 'timer' | 'defer' | 'text'>
  /** Looks names up for proxies of `socks4:` and `socks5:`. */
  readonly resolver: Resolver
  /** Fields for HTTP proxies: with CONNECT, and with every request that a proxy forwards. */
  readonly headers?: HeadersInit | HeaderMap | undefined
  /** Reaches proxies. Default: as destinations are reached. */
  readonly toProxy?: Connector | undefined
  /** The `user-agent` of CONNECT; requests that a proxy forwards have their own. Default: none. */
  readonly userAgent?: string | undefined
}

/**
 * Goes through the proxy that the rules name. What a proxy forwards itself (`http:` through an HTTP proxy) is a connection
 * to the proxy with {@link FORWARD_PROXY} among its info: requests need absolute targets then.
 */
export function proxied(rules: ProxyChoice, options: ProxiedOptions): ConnectLayer {
  // Fields that cannot be sent are told now.
  const headers = HeaderMap.from(options.headers).clone()
  return (inner) => {
    const toProxy = options.toProxy ?? inner
    return async (destination, context) => {
      const server = rules.find(destination)
      if (server === null) return inner(destination, context)
      const isHttp = server.scheme === 'http' || server.scheme === 'https'
      const isForwarded = isHttp && !destination.secure && destination.needsTunnel !== true
      const way = isForwarded
        ? forwarded(server, headers, toProxy, options)
        : tunnel(server, { ...options, headers })(toProxy)
      return way(destination, context)
    }
  }
}

function tunnel(server: ProxyServer, options: ProxiedOptions): ConnectLayer {
  switch (server.scheme) {
    case 'socks4':
      return socks4(server, options)
    case 'socks4a':
      return socks4a(server, options)
    case 'socks5':
      return socks5(server, options)
    case 'socks5h':
      return socks5h(server, options)
    default:
      return httpTunnel(server, options)
  }
}

function forwarded(
  server: ProxyServer,
  given: HeaderMap,
  toProxy: Connector,
  options: ProxiedOptions,
): Connector {
  const path = new ProxyPath(server, toProxy, options)
  const headers = given.clone()
  const authorization = basicAuthorization(server)
  if (authorization !== null) {
    headers.set('proxy-authorization', authorization)
    headers.markSensitive('proxy-authorization')
  }
  return async (_, context) => {
    const io = await path.reach(context)
    context.info.set(FORWARD_PROXY, { headers })
    return io
  }
}
