import type { ServerOptions as HttpsOptions } from 'node:https'
import type { ServeOptions, ServerTls } from '../options.ts'

// Options of the node-shaped server: Node's, TLS among them, and what `serve` has besides. Out: options of `serve`.

/** What `createServer` takes: the options of `http.createServer` and `https.createServer`, and some of `serve`. */
export interface NodeServerOptions
  extends
    HttpsOptions,
    Pick<ServeOptions, 'http1' | 'http2' | 'limits' | 'onError' | 'runtime' | 'timeouts' | 'tracer'> {}

/** What can be set on the server itself, at any time; a connection goes by what was there when it was accepted. */
export interface LiveOptions {
  readonly headersTimeout: number
  readonly keepAliveTimeout: number
  readonly maxHeadersCount: number | null
  readonly maxRequestsPerSocket: number | null
  /** Whether anybody listens for `upgrade`: then a WebSocket may come over HTTP/2 too. */
  readonly hasUpgrade: boolean
}

/** What TLS may take a certificate from, or do without one by. */
const CREDENTIALS = ['cert', 'pfx', 'key', 'SNICallback', 'pskCallback'] as const

export function isSecure(options: NodeServerOptions): boolean {
  return CREDENTIALS.some((name) => options[name] != null)
}

/** The default of `keepAliveTimeout`; HTTP/2 has another, which holds until this one is changed. */
export const KEEP_ALIVE_TIMEOUT = 75_000
/** The default of `headersTimeout`, with the same proviso. */
export const HEADERS_TIMEOUT = 30_000

/** The options of `serve` for the connections that come from now on. */
export function serveOptions(options: NodeServerOptions, live: LiveOptions): ServeOptions {
  const { http1, http2, onError, runtime, tracer } = options
  const { headersTimeout, keepAliveTimeout, maxHeadersCount, maxRequestsPerSocket } = live
  return {
    // Never asked: connections are opened with a service of their own.
    service: () => {
      throw new Error('no service')
    },
    onError,
    runtime,
    tracer,
    tls: isSecure(options) ? tlsOf(options) : undefined,
    timeouts: {
      ...options.timeouts,
      headers: headersTimeout === HEADERS_TIMEOUT ? undefined : headersTimeout,
      idle: keepAliveTimeout === KEEP_ALIVE_TIMEOUT ? undefined : keepAliveTimeout,
    },
    limits: {
      ...options.limits,
      maxHeaderSize: options.maxHeaderSize ?? options.limits?.maxHeaderSize,
      maxHeaders: maxHeadersCount === null ? options.limits?.maxHeaders : maxHeadersCount || Infinity,
      maxRequestsPerConnection: maxRequestsPerSocket || options.limits?.maxRequestsPerConnection,
    },
    http1:
      http1 === false
        ? false
        : {
            preserveHeaderCase: true,
            allowMissingHost: options.requireHostHeader === false,
            ...(typeof http1 === 'object' ? http1 : {}),
          },
    http2: http2 === false ? false : { enableConnectProtocol: live.hasUpgrade, ...asObject(http2) },
  }
}

function asObject<T extends object>(given: boolean | T | undefined): Partial<T> {
  return typeof given === 'object' ? given : {}
}

/** All that is not of HTTP. */
function tlsOf(options: NodeServerOptions): ServerTls {
  const tls: Partial<Record<keyof NodeServerOptions, unknown>> = { ...options }
  for (const name of NOT_TLS) delete tls[name]
  return tls as ServerTls
}

const NOT_TLS = [
  'ALPNProtocols',
  'IncomingMessage',
  'ServerResponse',
  'connectionsCheckingInterval',
  'handshakeTimeout',
  'headersTimeout',
  'highWaterMark',
  'http1',
  'http2',
  'insecureHTTPParser',
  'joinDuplicateHeaders',
  'keepAlive',
  'keepAliveInitialDelay',
  'keepAliveTimeout',
  'limits',
  'maxHeaderSize',
  'noDelay',
  'onError',
  'rejectNonStandardBodyWrites',
  'requestTimeout',
  'requireHostHeader',
  'runtime',
  'timeouts',
  'tracer',
  'uniqueHeaders',
] as const
