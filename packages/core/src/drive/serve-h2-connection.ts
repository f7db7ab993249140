import { serverH2Settings, type H2ServerOptions, type H2Settings } from '../h2/options.ts'
import type { Io, Runtime } from '../rt/index.ts'
import type { Service } from '../service/service.ts'
import type { Tracer } from '../trace/tracer.ts'
import { H2ServerConnection } from './h2-server-connection.ts'
import { settingsOf } from './settings-of.ts'

/** What {@link serveConnection} needs besides the connection and the service. */
export interface H2ServeOptions extends H2ServerOptions {
  /** Clock, timer, deferral, text, and where background errors go. */
  readonly runtime: Runtime
  /** Hooks for observers. Default: none. */
  readonly tracer?: Tracer | undefined
}

/**
 * Serves HTTP/2 (RFC 9113) on a byte stream, until it ends: cleartext with prior knowledge, or what TLS has agreed on as
 * `h2`. The service is called for each request as soon as its head is there, many at once. The same `options` object
 * should be given for every connection: what is made of it is kept.
 * @throws HyperError `INVALID_OPTION`
 */
export function serveConnection(io: Io, service: Service, options: H2ServeOptions): H2ServerConnection {
  const connection = new H2ServerConnection(
    io,
    service,
    options.runtime,
    options.tracer ?? null,
    settings(options),
  )
  connection.start()
  return connection
}

const settings = settingsOf<H2ServeOptions, H2Settings>(serverH2Settings)
