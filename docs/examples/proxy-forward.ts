// A forward proxy: CONNECT, and requests with the whole URL.
// #region forward
import { type HttpRequest, HttpResponse } from '@hyper/core/http'
import type { Exchange, Service } from '@hyper/core/service'
import { connectTcp, nodeRuntime } from '@hyper/util/node'
import { joinIo } from '@hyper/util/tunnel'
import { hasLooped, requestFields } from './proxy-hops.ts'
import { failed, type Relay, relay } from './proxy-relay.ts'

export interface ForwardProxy extends Relay {
  /** Whom it connects to. An open proxy is found within hours: say this. */
  readonly allows: (host: string, port: number) => boolean
  /** Where the proxy itself listens, so that nobody has it talk to itself. */
  readonly isSelf: (address: string, port: number) => boolean
  /** Milliseconds until a tunnel must be there, and how long it may be silent. Default 10 s, 5 min. */
  readonly connectTimeout?: number
  readonly idleTimeout?: number
}

export function forwardProxy(proxy: ForwardProxy): Service {
  return (request, exchange) => {
    if (hasLooped(request.headers, proxy.name)) return new HttpResponse(null, { status: 508 })
    if (request.method === 'CONNECT') return tunnel(proxy, request, exchange)
    const { authority, host, port, scheme } = request.uri
    // A request for the proxy itself, or with credentials in its URL (RFC 9110 §4.2.4).
    if (scheme !== 'http' || host === null || authority === null || authority.includes('@'))
      return new HttpResponse('this is a proxy', { status: 400 })
    if (request.method === 'TRACE') return new HttpResponse(null, { status: 405 })
    if (!proxy.allows(host, port ?? 80) || proxy.isSelf(host, port ?? 80))
      return new HttpResponse(null, { status: 403 })
    const headers = requestFields(request, proxy.name)
    headers.set('host', authority) // whatever it was (RFC 9112 §3.2.2)
    return relay(proxy, request.target, request, exchange, headers)
  }
}

async function tunnel(proxy: ForwardProxy, request: HttpRequest, exchange: Exchange): Promise<HttpResponse> {
  const { connectTimeout = 10_000, idleTimeout = 300_000 } = proxy
  const { host, port } = request.uri
  if (host === null || port === null || !proxy.allows(host, port))
    return new HttpResponse(null, { status: 403 })
  const gone = new AbortController()
  exchange.onCancel((reason) => gone.abort(reason))
  try {
    const name = host.replace(/^\[|\]$/g, '')
    const there = await connectTcp({ host: name, port, timeout: connectTimeout, signal: gone.signal })
    // A name may lead back here, which only its address shows.
    if (proxy.isSelf(there.peer.remoteAddress ?? '', port)) {
      there.abort()
      return new HttpResponse(null, { status: 403 })
    }
    exchange.upgrade().then(
      (here) => void joinIo(here, { io: there }, { idleTimeout, runtime: nodeRuntime }),
      () => there.abort(),
    )
    return new HttpResponse() // 200: from here on it is a tunnel
  } catch (error) {
    return failed(error)
  }
}
// #endregion forward
