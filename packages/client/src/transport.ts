import { userError } from '@hyper/core/error'
import type { HttpRequest, HttpResponse } from '@hyper/core/http'
import type { Exchange, Service } from '@hyper/core/service'
import type { NegotiatedTakeOptions } from '@hyper/util/pool'
import type { Config } from './config.ts'
import { Outgoing } from './outgoing.ts'
import { withHost } from './message.ts'
import type { Place, Places } from './place.ts'
import { VIA } from './switching.ts'
import { dropBody, Trip, type TripHost, type TripReceiver } from './trip.ts'
import type { UnreadBodies } from './unread.ts'

// Transport: the innermost service of a client. In: a request whose target is a URL. Out: its response, whose body comes
// from the connection. Everything above it is a layer that can be left out.

export class Transport implements TripHost {
  readonly config: Config
  readonly outgoing: Outgoing
  readonly unread: UnreadBodies
  readonly usual: NegotiatedTakeOptions
  private readonly places: Places

  constructor(config: Config, places: Places) {
    this.config = config
    this.outgoing = new Outgoing(config.headers)
    this.unread = config.unread
    this.usual = { connectTimeout: config.timeouts.connect, poolTimeout: config.timeouts.pool }
    this.places = places
  }

  /** Sends a request. */
  readonly service: Service = (request, exchange) => this.send(request, exchange)

  /** Sends a request to where its caller knows that it goes. @throws HyperError `CLOSED` when the client is closed */
  sendTo(place: Place, request: HttpRequest, exchange: Exchange, receiver: TripReceiver): void {
    if (this.config.pool.isDraining) {
      const error = userError('CLOSED', 'the client is closed')
      dropBody(request, error)
      throw error
    }
    new Trip(this, request, exchange, place, receiver).start()
  }

  private send(request: HttpRequest, exchange: Exchange): Promise<HttpResponse> {
    const place = request.method === 'CONNECT' ? this.tunnelPlace(request) : this.places.find(request.target)
    // Also when the client is closed by now: what has begun before is finished.
    return new Promise((resolve, reject) =>
      new Trip(this, request, exchange, place, { answered: resolve, failed: reject }).start(),
    )
  }

  // RFC 9110 §9.3.6: the target is host and port. Who is asked is a proxy, or the host itself.
  private tunnelPlace(request: HttpRequest): Place {
    const { target } = request
    const via = request.extensions.get(VIA)
    // Without a scheme, port 443 says which it is (row 306).
    const scheme = target.endsWith(':443') ? 'https' : 'http'
    const { authority } = request.uri
    const destination = via ?? this.places.find(`${scheme}://${target}/`).destination
    return {
      destination,
      target,
      url: target,
      fragment: '',
      authorization: null,
      // What it says is where the tunnel goes to.
      hosted: withHost(this.config.headers, authority?.toString() ?? target),
    }
  }
}
