import { userError } from '@hyper/core/error'
import { hostPort, unbracketed } from './address.ts'

// Destination: where a connection goes. In: a URL. Out: what a connector has to know, and nothing of the request.

/** One scheme, host and port. */
export interface Destination {
  /** As `URL.origin`: names the destination among others. */
  readonly origin: string
  /** True when the bytes are to travel by TLS. */
  readonly secure: boolean
  /** A name or an address, without brackets around an IPv6 address. */
  readonly host: string
  readonly port: number
  /** What the Host field says (RFC 9110 §7.2): the port only where it is not the scheme's own. */
  readonly authority: string
  /** Protocols for ALPN (RFC 7301), best first, in place of those that the connector offers by itself. */
  readonly alpn?: readonly string[] | undefined
  /**
   * True when the stream itself is wanted, for something that no proxy could forward request by request: HTTP/2, an
   * upgrade, a handshake of one's own. A proxy then makes a tunnel, also for `http:`. Default false.
   */
  readonly needsTunnel?: boolean | undefined
}

/** The destination of an `http:` or `https:` URL. @throws HyperError `INVALID_TARGET` for any other */
export function destinationOf(url: URL): Destination {
  const secure = url.protocol === 'https:'
  if (!secure && url.protocol !== 'http:')
    throw userError('INVALID_TARGET', `${url.protocol} is neither http: nor https:`)
  const host = unbracketed(url.hostname)
  const port = url.port === '' ? portOf(secure) : Number(url.port)
  return { origin: url.origin, secure, host, port, authority: url.host }
}

/** Host and port of a destination, for messages. */
export function addressOf(destination: Destination): string {
  return hostPort(destination.host, destination.port)
}

/** The port of the scheme, which a URL need not name. */
export function portOf(secure: boolean): number {
  return secure ? 443 : 80
}
