import type { Io } from '@hyper/core/rt'
import type { Service } from '@hyper/core/service'
import { AutoConnection } from './auto-connection.ts'
import { planOf, type AutoOptions } from './options.ts'

// serveAuto: HTTP/1 and HTTP/2 on one port. In: a stream, a service, the options of both protocols. Out: the running
// connection. Which protocol it is, ALPN has said, or the first bytes do.

/**
 * Serves HTTP/1 or HTTP/2 on a byte stream, until it ends. What ALPN has agreed on decides (RFC 9113 §3.2): `h2` is
 * HTTP/2, anything else is HTTP/1, and so is TLS without ALPN. Without TLS the first bytes decide: a client that begins
 * with the preface of HTTP/2 knew what it did (RFC 9113 §3.3). The same `options` object should be given for every
 * connection: what is made of it is kept.
 * @throws HyperError `INVALID_OPTION`; that of the protocols when the first connection speaks them
 */
export function serveAuto(io: Io, service: Service, options: AutoOptions): AutoConnection {
  const connection = new AutoConnection(io, service, planOf(options))
  connection.start()
  return connection
}
