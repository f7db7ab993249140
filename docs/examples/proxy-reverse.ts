// A reverse proxy: the server that clients see, before those that answer.
// #region reverse
import { upgraded } from '@hyper/core/h1'
import { protocolKey } from '@hyper/core/h2'
import { type HeaderMap, type HttpRequest, HttpResponse } from '@hyper/core/http'
import type { Exchange, IoParts, Service } from '@hyper/core/service'
import { nodeRuntime } from '@hyper/util/node'
import { joinIo } from '@hyper/util/tunnel'
import { hasLooped, hasMember, passedOn, requestFields } from './proxy-hops.ts'
import { failed, type Relay, relay } from './proxy-relay.ts'

export interface ReverseProxy extends Relay {
  /** The origin that answers, without a path: `http://10.0.0.5:8080`. */
  readonly origin: (request: HttpRequest) => string
  /** Whether the client is a proxy of ours, whose word about its own client counts. Default: nobody is. */
  readonly trusts?: (address: string | undefined) => boolean
  /** How long an upgraded connection may be silent. Default 5 min. */
  readonly idleTimeout?: number
}

export function reverseProxy(proxy: ReverseProxy): Service {
  return (request, exchange) => {
    if (hasLooped(request.headers, proxy.name)) return new HttpResponse(null, { status: 508 })
    const { authority, form, path, query } = request.uri
    if (request.method === 'TRACE' || form === 'asterisk') return new HttpResponse(null, { status: 405 })
    const protocol = protocolOf(request, exchange)
    if (request.method === 'CONNECT' && protocol === null) return new HttpResponse(null, { status: 405 })
    const headers = requestFields(request, proxy.name)
    // The whole URL in a request counts more than Host (RFC 9112 §3.2.2).
    if (authority !== null) headers.set('host', authority)
    forwarded(headers, exchange, proxy.trusts?.(exchange.peer.remoteAddress) === true)
    const url = proxy.origin(request) + path + (query === null ? '' : `?${query}`)
    if (protocol === null) return relay(proxy, url, request, exchange, headers)
    return upgrade(proxy, url, protocol, headers, request, exchange)
  }
}

/** Who asked, of whom, and how: what a client says of that itself is worth nothing. */
function forwarded(headers: HeaderMap, { peer }: Exchange, isTrusted: boolean): void {
  const names = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto']
  if (!isTrusted) for (const name of names) headers.delete(name)
  const address = peer.remoteAddress ?? 'unknown'
  const host = headers.first('host') ?? ''
  const proto = peer.encrypted ? 'https' : 'http'
  headers.append('x-forwarded-for', address)
  if (!headers.has('x-forwarded-host')) headers.set('x-forwarded-host', host)
  if (!headers.has('x-forwarded-proto')) headers.set('x-forwarded-proto', proto)
  // RFC 7239 §4; an IPv6 address is quoted.
  const node = address.includes(':') ? `"[${address}]"` : address
  headers.append('forwarded', `for=${node};host="${host.replaceAll(/["\\]/g, '')}";proto=${proto}`)
}

/** What a request wants to become: by Upgrade, or by an extended CONNECT. */
function protocolOf(request: HttpRequest, exchange: Exchange): string | null {
  if (request.method === 'CONNECT') return exchange.extensions.get(protocolKey) ?? null
  const { headers, version } = request
  if (version !== '1.1' || !hasMember(headers, 'connection', 'upgrade')) return null
  // HTTP/2 inside of a tunnel would be requests that this proxy does not see; RFC 9113 §3.1 knows no such upgrade.
  return hasMember(headers, 'upgrade', 'h2c') ? null : headers.get('upgrade')
}

/** The origin is asked by Upgrade, whatever the client has spoken, and its refusal is passed on. */
async function upgrade(
  proxy: ReverseProxy,
  url: string,
  protocol: string,
  headers: HeaderMap,
  request: HttpRequest,
  exchange: Exchange,
): Promise<HttpResponse> {
  const isConnect = request.method === 'CONNECT'
  const { idleTimeout = 300_000 } = proxy
  headers.set('connection', 'upgrade')
  headers.set('upgrade', protocol)
  // What HTTP/2 has no need of (RFC 8441 §5), HTTP/1 has.
  if (isConnect && protocol === 'websocket')
    headers.set('sec-websocket-key', btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16)))))
  const gone = new AbortController()
  exchange.onCancel((reason) => gone.abort(reason))
  let there: IoParts
  try {
    const response = await proxy.client.request(url, {
      method: isConnect ? 'GET' : request.method,
      headers,
      body: isConnect || request.body.isEnd ? null : request.body,
      signal: gone.signal,
    })
    const answer = passedOn(response.headers, response.version, proxy.name)
    if (response.status !== 101)
      return new HttpResponse(response.body, { status: response.status, headers: answer })
    there = await upgraded(response)
    exchange.upgrade().then(
      (here) => void joinIo(here, there, { idleTimeout, runtime: nodeRuntime }),
      () => there.io.abort(),
    )
    if (isConnect) answer.delete('sec-websocket-accept')
    else answer.set('connection', 'upgrade').set('upgrade', response.headers.get('upgrade') ?? protocol)
    return new HttpResponse(null, { status: isConnect ? 200 : 101, headers: answer })
  } catch (error) {
    return failed(error)
  }
}
// #endregion reverse
