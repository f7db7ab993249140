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
}

/** The destination of an `http:` or `https:` URL. */
export function destinationOf(url: URL): Destination {
  const secure = url.protocol === 'https:'
  const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port)
  return { origin: url.origin, secure, host, port, authority: url.host }
}
