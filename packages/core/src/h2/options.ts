import { count, flag, time } from '../error/option.ts'
import { plainText } from '../rt/text.ts'
import type { TextCodec } from '../rt/index.ts'

// Options of both roles of HTTP/2, resolved once: defaults filled in, every value checked. Times are milliseconds; 0,
// null and Infinity turn a timeout off; Infinity turns a limit off.

/**
 * What both roles of HTTP/2 share. Sizes are bytes, times milliseconds. 0, null and Infinity turn a timeout off, Infinity
 * a limit. A value that cannot be is `INVALID_OPTION`, when the options are first used.
 */
export interface H2Options {
  /**
   * Bytes that the peer may send on a stream before they are read (RFC 9113 §5.2), up to 2^31-1; more resets the stream.
   * Default 1 MiB for a server, 2 MiB for a client.
   */
  readonly initialStreamWindowSize?: number | undefined
  /**
   * The same for all streams together, from 65,535; given back when bytes are buffered, as long as no more than this is.
   * More than it allows ends the connection. Default 4 MiB for a server, 8 MiB for a client.
   */
  readonly initialConnectionWindowSize?: number | undefined
  /** Windows grow with the measured bandwidth-delay product, up to `maxWindowSize`. Default true. */
  readonly adaptiveWindow?: boolean | undefined
  /** As far as they grow. Default 16 MiB. */
  readonly maxWindowSize?: number | undefined
  /**
   * Bytes of a frame's payload that we accept (RFC 9113 §4.2): 16,384 to 16,777,215; more ends the connection. Default
   * 16,384.
   */
  readonly maxFrameSize?: number | undefined
  /**
   * Size of a header list, 32 bytes for each field included (RFC 9113 §6.5.2). A request over it is answered with 431, a
   * response over it is reset; four times it ends the connection. Default 65,536.
   */
  readonly maxHeaderListSize?: number | undefined
  /** Fields of a header list, or of trailers; more is 431, or a reset. Default 100. */
  readonly maxHeaders?: number | undefined
  /** Size of the HPACK table that the peer's encoder may use (RFC 7541 §4.2). Default 4,096. */
  readonly headerTableSize?: number | undefined
  /**
   * Bytes of a body that a stream holds for a peer that does not take them; then its source is paused. All streams
   * together hold four times that. Default 256 KiB.
   */
  readonly maxSendBufferSize?: number | undefined
  /**
   * Streams that we reset or refuse for the peer's mistakes, in all; one more ends the connection (CVE-2025-8671).
   * Default 1,024.
   */
  readonly maxLocalErrorResetStreams?: number | undefined
  /** From the first frame of a field block to its last; then the connection ends: `HEADERS_TIMEOUT`. Default 10,000. */
  readonly headerBlockTimeout?: number | null | undefined
  /**
   * Until our SETTINGS are acknowledged (RFC 9113 §6.5.3); then the connection ends: `SETTINGS_TIMEOUT`. Default 10,000.
   */
  readonly settingsTimeout?: number | null | undefined
  /** Silence after which a PING asks whether the peer is alive (RFC 9113 §6.7). Default off. */
  readonly keepAliveInterval?: number | null | undefined
  /** How long such a PING waits for its answer; then the connection ends, `PING_TIMEOUT`. Default 20,000. */
  readonly keepAliveTimeout?: number | null | undefined
  /**
   * Longest silence inside a body that somebody reads; then the stream is reset, `BODY_TIMEOUT`. Default 30,000 for a
   * server, off for a client.
   */
  readonly bodyIdleTimeout?: number | null | undefined
  /**
   * Longest time in which the peer takes none of our bytes, `SEND_TIMEOUT`: a stream that gets no credit is reset, a
   * transport that takes nothing ends the connection. Default 30,000.
   */
  readonly sendTimeout?: number | null | undefined
  /** How bytes become strings; default a portable one. Drivers give the runtime's. */
  readonly text?: TextCodec | undefined
}

/** Options of an HTTP/2 server connection. */
export interface H2ServerOptions extends H2Options {
  /** Requests at a time (RFC 9113 §5.1.2); more are refused, REFUSED_STREAM. Default 100. */
  readonly maxConcurrentStreams?: number | undefined
  /** Add `date` to responses (RFC 9110 §6.6.1). Default true. */
  readonly autoDateHeader?: boolean | undefined
  /** Accept extended CONNECT (RFC 8441). Default false. */
  readonly enableConnectProtocol?: boolean | undefined
  /** No streams for this long: GOAWAY, and the connection ends. Default 300,000. */
  readonly idleTimeout?: number | null | undefined
  /**
   * From the head of a request to the end of its answer. Then the exchange is cancelled, `TOTAL_TIMEOUT`: with 408 while
   * the client is being waited for, with 503 while the service is, with a reset of the stream once the head of the answer
   * is out. A tunnel that is open has no such time. Default off.
   */
  readonly requestTimeout?: number | null | undefined
  /** Slowest body accepted, bytes per second on average, after the grace time; then a reset. Default 240; 0 is off. */
  readonly bodyMinRate?: number | undefined
  /** How long a body may be slower than that at its beginning, in milliseconds. Default 5,000. */
  readonly bodyMinRateGrace?: number | undefined
  /**
   * Streams that the client may reset before they are answered (CVE-2023-44487), at once; one more ends the connection.
   * Default 200.
   */
  readonly maxResetBurst?: number | undefined
  /** How many of them come back per second. Default 33. */
  readonly maxResetRate?: number | undefined
  /** Requests on one connection; then GOAWAY, and what runs is finished. Default off. */
  readonly maxRequests?: number | undefined
}

/** Options of an HTTP/2 client connection. */
export interface H2ClientOptions extends H2Options {
  /** Requests at a time before the server has said how many. Default 100. */
  readonly initialMaxSendStreams?: number | undefined
  /** `keepAliveInterval` counts also while there are no streams. Default false. */
  readonly keepAliveWhileIdle?: boolean | undefined
  /** From the request's end to the response head; then the stream is reset, `HEADERS_TIMEOUT`. Default off. */
  readonly headersTimeout?: number | null | undefined
  /** Interim responses before a final one; more reset the stream. Default 32. */
  readonly maxInformational?: number | undefined
}

/** Options with every default filled in; one shape for both roles. */
export interface H2Settings {
  readonly isServer: boolean
  readonly text: TextCodec
  readonly streamWindow: number
  readonly connectionWindow: number
  readonly adaptiveWindow: boolean
  readonly maxWindow: number
  readonly maxFrameSize: number
  readonly maxHeaderListSize: number
  readonly maxHeaders: number
  readonly headerTableSize: number
  readonly maxSendBuffer: number
  readonly maxLocalErrorResets: number
  readonly headerBlockTimeout: number
  readonly settingsTimeout: number
  readonly keepAliveInterval: number
  readonly keepAliveTimeout: number
  readonly keepAliveWhileIdle: boolean
  readonly bodyIdleTimeout: number
  readonly sendTimeout: number
  readonly maxConcurrentStreams: number
  readonly autoDateHeader: boolean
  readonly connectProtocol: boolean
  readonly idleTimeout: number
  readonly requestTimeout: number
  readonly bodyMinRate: number
  readonly bodyMinRateGrace: number
  readonly maxResetBurst: number
  readonly maxResetRate: number
  readonly maxRequests: number
  readonly initialMaxSendStreams: number
  readonly headersTimeout: number
  readonly maxInformational: number
}

const MIB = 1_048_576
const MAX_WINDOW = 2_147_483_647

/** @throws HyperError `INVALID_OPTION` */
export function serverH2Settings(o: H2ServerOptions): H2Settings {
  return {
    ...shared(o, true),
    keepAliveWhileIdle: true,
    maxConcurrentStreams: count('maxConcurrentStreams', o.maxConcurrentStreams, 100, 0),
    autoDateHeader: flag('autoDateHeader', o.autoDateHeader, true),
    connectProtocol: flag('enableConnectProtocol', o.enableConnectProtocol, false),
    idleTimeout: time('idleTimeout', o.idleTimeout, 300_000),
    requestTimeout: time('requestTimeout', o.requestTimeout, 0),
    bodyMinRate: count('bodyMinRate', o.bodyMinRate, 240, 0),
    bodyMinRateGrace: count('bodyMinRateGrace', o.bodyMinRateGrace, 5_000, 0),
    maxResetBurst: count('maxResetBurst', o.maxResetBurst, 200, 0),
    maxResetRate: count('maxResetRate', o.maxResetRate, 33, 0),
    maxRequests: count('maxRequests', o.maxRequests, Infinity),
    initialMaxSendStreams: 0,
    headersTimeout: Infinity,
    maxInformational: Infinity,
  }
}

/** @throws HyperError `INVALID_OPTION` */
export function clientH2Settings(o: H2ClientOptions): H2Settings {
  return {
    ...shared(o, false),
    keepAliveWhileIdle: flag('keepAliveWhileIdle', o.keepAliveWhileIdle, false),
    maxConcurrentStreams: 0,
    autoDateHeader: false,
    connectProtocol: false,
    idleTimeout: Infinity,
    requestTimeout: Infinity,
    bodyMinRate: 0,
    bodyMinRateGrace: 0,
    maxResetBurst: Infinity,
    maxResetRate: Infinity,
    maxRequests: Infinity,
    initialMaxSendStreams: count('initialMaxSendStreams', o.initialMaxSendStreams, 100, 0),
    headersTimeout: time('headersTimeout', o.headersTimeout, 0),
    maxInformational: count('maxInformational', o.maxInformational, 32, 0),
  }
}

type SharedKeys =
  | 'isServer'
  | 'text'
  | 'streamWindow'
  | 'connectionWindow'
  | 'adaptiveWindow'
  | 'maxWindow'
  | 'maxFrameSize'
  | 'maxHeaderListSize'
  | 'maxHeaders'
  | 'headerTableSize'
  | 'maxSendBuffer'
  | 'maxLocalErrorResets'
  | 'headerBlockTimeout'
  | 'settingsTimeout'
  | 'keepAliveInterval'
  | 'keepAliveTimeout'
  | 'bodyIdleTimeout'
  | 'sendTimeout'

function shared(o: H2Options, isServer: boolean): Pick<H2Settings, SharedKeys> {
  const stream = isServer ? MIB : 2 * MIB
  const connection = isServer ? 4 * MIB : 8 * MIB
  return {
    isServer,
    text: o.text ?? plainText,
    streamWindow: count('initialStreamWindowSize', o.initialStreamWindowSize, stream, 0, MAX_WINDOW),
    connectionWindow: count(
      'initialConnectionWindowSize',
      o.initialConnectionWindowSize,
      connection,
      65_535,
      MAX_WINDOW,
    ),
    adaptiveWindow: flag('adaptiveWindow', o.adaptiveWindow, true),
    maxWindow: count('maxWindowSize', o.maxWindowSize, 16 * MIB, 65_535, MAX_WINDOW),
    maxFrameSize: count('maxFrameSize', o.maxFrameSize, 16_384, 16_384, 16_777_215),
    maxHeaderListSize: count('maxHeaderListSize', o.maxHeaderListSize, 65_536, 64),
    maxHeaders: count('maxHeaders', o.maxHeaders, 100, 0),
    headerTableSize: count('headerTableSize', o.headerTableSize, 4_096, 0, MAX_WINDOW),
    maxSendBuffer: count('maxSendBufferSize', o.maxSendBufferSize, 262_144, 1),
    maxLocalErrorResets: count('maxLocalErrorResetStreams', o.maxLocalErrorResetStreams, 1_024, 0),
    headerBlockTimeout: time('headerBlockTimeout', o.headerBlockTimeout, 10_000),
    settingsTimeout: time('settingsTimeout', o.settingsTimeout, 10_000),
    keepAliveInterval: time('keepAliveInterval', o.keepAliveInterval, 0),
    keepAliveTimeout: time('keepAliveTimeout', o.keepAliveTimeout, 20_000),
    bodyIdleTimeout: time('bodyIdleTimeout', o.bodyIdleTimeout, isServer ? 30_000 : 0),
    sendTimeout: time('sendTimeout', o.sendTimeout, 30_000),
  }
}
