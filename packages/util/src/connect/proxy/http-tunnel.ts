import { HeaderMap, type HeadersInit } from '@hyper/core/http'
import type { Runtime } from '@hyper/core/rt'
import type { ConnectLayer } from '../connector.ts'
import { addressOf } from '../destination.ts'
import { basicAuthorization, type ProxyServer } from './proxy-server.ts'
import { ProxyPath, proxyOf, type ProxyOptions } from './through-proxy.ts'
import { TunnelHandshake } from './tunnel-handshake.ts'

// httpTunnel: a way through an HTTP proxy by CONNECT (RFC 9110 §9.3.6). In: a connector that reaches the proxy. Out: one
// that reaches what the proxy reaches; whatever is spoken through it, HTTP/2 as well.

/** How an {@link httpTunnel} asks. */
export interface HttpTunnelOptions extends ProxyOptions {
  readonly runtime: Pick<Runtime, 'clock' | 'timer' | 'defer' | 'text'>
  /** The value of `proxy-authorization`. Default: `Basic`, when the URL of the proxy has a user name. Sensitive. */
  readonly authorization?: string | undefined
  /** Sent with CONNECT, beside `host`. */
  readonly headers?: HeadersInit | HeaderMap | undefined
  /** The `user-agent` of CONNECT. Default: none. */
  readonly userAgent?: string | undefined
}

/**
 * Goes through an `http:` or `https:` proxy. Any 2xx is a way. Another status, an answer that is none, a head of more than
 * 8,192 bytes or the end of the connection is `PROXY`, with the status as `reason` (`'407'` where credentials are wanted).
 * @throws HyperError `INVALID_OPTION`, `INVALID_HEADER_NAME`, `INVALID_HEADER_VALUE`
 */
export function httpTunnel(proxy: string | URL | ProxyServer, options: HttpTunnelOptions): ConnectLayer {
  const server = proxyOf(proxy, 'http', 'https')
  const { runtime } = options
  const authorization = options.authorization ?? basicAuthorization(server)
  const headers = HeaderMap.from(options.headers).clone()
  if (options.userAgent !== undefined) headers.set('user-agent', options.userAgent)
  return (inner) => {
    const path = new ProxyPath(server, inner, options)
    return async (destination, context) => {
      path.ensureCanSecure(destination)
      const authority = addressOf(destination)
      const handshake = new TunnelHandshake({ authority, authorization, headers, text: runtime.text })
      const { error, io } = await path.ask(handshake, destination, context)
      if (error !== null) throw error
      return path.secured(io, destination, context)
    }
  }
}
