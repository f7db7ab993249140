import { serverSettings, type H1ServerOptions, type Settings } from '../h1/options.ts'
import type { Io, Runtime } from '../rt/index.ts'
import type { Service } from '../service/service.ts'
import type { Tracer } from '../trace/tracer.ts'
import { ServerConnection } from './server-connection.ts'
import { settingsOf } from './settings-of.ts'

// serveConnection: an Io becomes a connection that is being served. In: a stream, a service and options. Out: the running
// connection. It keeps what is made of an options object, and nothing else.

/** What {@link serveConnection} needs besides the connection and the service. */
export interface ServeOptions extends H1ServerOptions {
  /** Clock, timer, deferral, text, and where background errors go. */
  readonly runtime: Runtime
  /** Hooks for observers. Default: none. */
  readonly tracer?: Tracer | undefined
  /**
   * Called with the stream of a connection that has switched protocols, just before the service gets what this gives: the
   * same stream, or one around it. For whoever must know how long the connection lives on. Default: none.
   */
  readonly onSwitched?: ((io: Io) => Io) | undefined
}

/**
 * Serves HTTP/1 on a byte stream, until it ends. The same `options` object should be given for every connection: what
 * is made of it is kept.
 * @throws HyperError `INVALID_OPTION`
 */
export function serveConnection(io: Io, service: Service, options: ServeOptions): ServerConnection {
  const connection = new ServerConnection(
    io,
    service,
    options.runtime,
    options.tracer ?? null,
    settings(options),
  )
  connection.onSwitched = options.onSwitched ?? null
  connection.start()
  return connection
}

const settings = settingsOf<ServeOptions, Settings>(serverSettings)
