import { HeaderMap, HttpRequest } from '@hyper/core/http'
import { type Destination, type ForwardProxy, FORWARD_PROXY } from '@hyper/util/connect'
import type { PooledConnection } from '@hyper/util/pool'
import { copyInto, isConstant, withHost } from './message.ts'
import type { Place } from './place.ts'

// Outgoing: a request as it is sent on one connection. In: a request whose target is a URL, and the connection. Out: the
// target in the form that the other end wants (RFC 9112 §3.2), Host, and what a proxy has to be told.

export class Outgoing {
  /** The fields of every request that has none of its own; with Host, for each place, so that they are encoded once. */
  private readonly shared: HeaderMap
  private readonly hosted: WeakMap<Destination, HeaderMap>
  /** The same for other maps that are never changed. */
  private readonly constants: WeakMap<HeaderMap, WeakMap<Destination, HeaderMap>>

  constructor(shared: HeaderMap) {
    this.shared = shared
    this.hosted = new WeakMap()
    this.constants = new WeakMap()
  }

  make(request: HttpRequest, place: Place, connection: PooledConnection): HttpRequest {
    const { body, method } = request
    const proxy = connection.protocol === 'http1' ? connection.info.get(FORWARD_PROXY) : undefined
    // Made for this place alone, by a dispatcher.
    if (proxy === undefined && method !== 'CONNECT' && request.target === place.target) return request
    const headers = this.headersOf(request, place, proxy)
    const target = proxy === undefined ? place.target : place.url
    return HttpRequest.fromParsed(method, target, '1.1', headers, body)
  }

  /** An upgrade as HTTP/2 has it: an extended CONNECT (RFC 8441 §4), which says the protocol elsewhere. */
  makeExtended(request: HttpRequest, place: Place): HttpRequest {
    const headers = withHost(request.headers, place.destination.authority).clone()
    headers.delete('connection')
    headers.delete('upgrade')
    // RFC 8441 §5: the stream needs no proof of what is on it.
    headers.delete('sec-websocket-key')
    return HttpRequest.fromParsed('CONNECT', place.target, '1.1', headers, request.body)
  }

  private headersOf(request: HttpRequest, place: Place, proxy: ForwardProxy | undefined): HeaderMap {
    const { headers } = request
    // A tunnel is to another host than the one that is asked for it.
    const authority = request.method === 'CONNECT' ? request.target : place.destination.authority
    if (proxy === undefined && headers === this.shared) return this.sharedOf(place)
    if (proxy === undefined && request.method !== 'CONNECT' && isConstant(headers))
      return this.constantOf(headers, place)
    const hosted = withHost(headers, authority)
    if (proxy === undefined || proxy.headers.size === 0) return hosted
    const told = hosted === headers ? headers.clone() : hosted
    copyInto(told, proxy.headers, headers)
    return told
  }

  private constantOf(headers: HeaderMap, { destination }: Place): HeaderMap {
    let hosted = this.constants.get(headers)
    if (hosted === undefined) {
      hosted = new WeakMap()
      this.constants.set(headers, hosted)
    }
    const made = hosted.get(destination) ?? withHost(headers, destination.authority)
    hosted.set(destination, made)
    return made
  }

  private sharedOf(place: Place): HeaderMap {
    if (place.hosted !== null) return place.hosted
    const { destination } = place
    const made = this.hosted.get(destination) ?? withHost(this.shared, destination.authority)
    this.hosted.set(destination, made)
    place.hosted = made
    return made
  }
}
