import { amount, count, flag, time } from '../error/option.ts'
import { plainText } from '../rt/text.ts'
import type { TextCodec } from '../rt/index.ts'

// Options of both roles, resolved once: defaults filled in, every value checked. Times are milliseconds; 0, null and
// Infinity turn a timeout off; Infinity turns a limit off.

/** What both roles of HTTP/1 share. */
export interface H1Options {
  /** `Content-Type` instead of `content-type` on the wire. Default false. */
  readonly titleCaseHeaders?: boolean | undefined
  /** Keep the spelling of received field names, and send it again with the same `HeaderMap`. Default false. */
  readonly preserveHeaderCase?: boolean | undefined
  /** Fields in a header or trailer section. Default 100. */
  readonly maxHeaders?: number | undefined
  /** Bytes of a head, start line and all. Default 65,536 for a server, 417,792 for a client. */
  readonly maxHeadSize?: number | undefined
  /** Bytes of a trailer section. Default 16,384. */
  readonly maxTrailerSize?: number | undefined
  /** Bytes of the chunk extensions of one body, together. Default 16,384. */
  readonly maxChunkExtensionSize?: number | undefined
  /** Longest silence inside a body that we wait for. Default 30,000 for a server, off for a client. */
  readonly bodyIdleTimeout?: number | null | undefined
  /** Longest time in which the peer takes none of our bytes. Default 30,000. */
  readonly sendTimeout?: number | null | undefined
  /** Lenient: a line may end with LF alone (RFC 9112 §2.2). Default false. */
  readonly allowBareLf?: boolean | undefined
  /** Lenient: a field line that is not one is skipped. Default false. */
  readonly ignoreInvalidHeaders?: boolean | undefined
  /** How bytes become strings; default a portable one. Drivers give the runtime's. */
  readonly text?: TextCodec | undefined
}

/** Options of an HTTP/1 server connection. */
export interface H1ServerOptions extends H1Options {
  /** A client that ends its half while its request is being answered still gets the answer. Default false. */
  readonly halfClose?: boolean | undefined
  /** Serve more than one request per connection. Default true. */
  readonly keepAlive?: boolean | undefined
  /** Say `keep-alive: timeout=…` when the connection stays open. Default true. */
  readonly keepAliveHint?: boolean | undefined
  /** Add `date` to responses (RFC 9110 §6.6.1). Default true. */
  readonly autoDateHeader?: boolean | undefined
  /** Bytes of a request target; longer is 414. Default 32,768. */
  readonly maxTargetLength?: number | undefined
  /** Bytes of a method; longer is 501. Default 64. */
  readonly maxMethodLength?: number | undefined
  /** Requests on one connection; the last answer says `connection: close`. Default off. */
  readonly maxRequests?: number | undefined
  /** From accepting to the first byte; then a silent close. Default 10,000. */
  readonly firstByteTimeout?: number | null | undefined
  /** From the first byte of a head to its last; then 408. Default 30,000. */
  readonly headerReadTimeout?: number | null | undefined
  /** Between an answer and the first byte of the next request; then a silent close. Default 75,000. */
  readonly keepAliveTimeout?: number | null | undefined
  /**
   * From the first byte of a request to the last of its answer that the transport takes; that of a pipelined one counts
   * from where it is read. Then the exchange is cancelled, `TOTAL_TIMEOUT`: with 408 while the client is being waited for,
   * with 503 while the service is, with a reset once the head of the answer is out. What has switched protocols has no
   * such time. Default off.
   */
  readonly requestTimeout?: number | null | undefined
  /** Slowest body accepted, bytes per second on average, after the grace time; then 408. Default 240; 0 is off. */
  readonly bodyMinRate?: number | undefined
  /** How long a body may be slower than that at its beginning. Default 5,000. */
  readonly bodyMinRateGrace?: number | undefined
  /** How long a closing connection goes on reading, so that the peer can read our last answer. Default 2,000. */
  readonly lingerTimeout?: number | undefined
  /** How many bytes it reads at most, then; also how much of an unread body is skipped for reuse. Default 65,536. */
  readonly lingerSize?: number | undefined
  /** Lenient: more than one space between the parts of a request line. Default false. */
  readonly allowMultipleSpaces?: boolean | undefined
  /** Lenient: Transfer-Encoding wins over Content-Length, and the connection closes after (RFC 9112 §6.1). */
  readonly allowChunkedWithContentLength?: boolean | undefined
  /** Lenient: an HTTP/1.1 request without Host. Default false. */
  readonly allowMissingHost?: boolean | undefined
  /** Lenient: equal Content-Length values count as one. Default false. */
  readonly allowRepeatedContentLength?: boolean | undefined
}

/** Options of an HTTP/1 client connection. */
export interface H1ClientOptions extends H1Options {
  /** 1xx responses before a final one. Default 32. */
  readonly maxInformational?: number | undefined
  /** From the request's end to the response head. Default off. */
  readonly headersTimeout?: number | null | undefined
  /** Lenient: an answer without a status line is HTTP/0.9. Default false. */
  readonly http09Responses?: boolean | undefined
  /** Lenient: space between a field name and its colon. Default false. */
  readonly allowSpaceBeforeColon?: boolean | undefined
  /** Lenient: folded lines (RFC 9112 §5.2) are joined with one space. Default false. */
  readonly allowObsFold?: boolean | undefined
  /** Lenient: equal Content-Length values count as one. Default false. */
  readonly allowRepeatedContentLength?: boolean | undefined
}

/** Options with every default filled in; one shape for both roles, so that shared rooms see one hidden class. */
export interface Settings {
  readonly text: TextCodec
  readonly titleCaseHeaders: boolean
  readonly preserveHeaderCase: boolean
  readonly maxHeaders: number
  readonly maxHeadSize: number
  readonly maxTrailerSize: number
  readonly maxChunkExtensionSize: number
  readonly bodyIdleTimeout: number
  readonly sendTimeout: number
  readonly halfClose: boolean
  readonly keepAlive: boolean
  readonly autoDateHeader: boolean
  readonly maxTargetLength: number
  readonly maxMethodLength: number
  readonly maxRequests: number
  readonly firstByteTimeout: number
  readonly headTimeout: number
  readonly keepAliveTimeout: number
  readonly requestTimeout: number
  readonly bodyMinRate: number
  readonly bodyMinRateGrace: number
  readonly lingerTimeout: number
  readonly lingerSize: number
  readonly maxInformational: number
  readonly http09Responses: boolean
  readonly lenient: Leniency
  /** The fields that say that the connection stays open, ready to be written. */
  readonly keepAliveText: string
}

/** What the head parser and the framing rules let pass. */
export interface Leniency {
  readonly bareLf: boolean
  readonly invalidFields: boolean
  readonly multipleSpaces: boolean
  readonly chunkedWithLength: boolean
  readonly missingHost: boolean
  readonly repeatedLength: boolean
  readonly spaceBeforeColon: boolean
  readonly obsFold: boolean
}

/** @throws HyperError `INVALID_OPTION` */
export function serverSettings(o: H1ServerOptions): Settings {
  const keepAliveTimeout = time('keepAliveTimeout', o.keepAliveTimeout, 75_000)
  const hint =
    flag('keepAliveHint', o.keepAliveHint, true) && keepAliveTimeout !== Infinity && keepAliveTimeout >= 1000
  return {
    ...shared(o, 65_536, 30_000),
    halfClose: flag('halfClose', o.halfClose, false),
    keepAlive: flag('keepAlive', o.keepAlive, true),
    autoDateHeader: flag('autoDateHeader', o.autoDateHeader, true),
    maxTargetLength: count('maxTargetLength', o.maxTargetLength, 32_768),
    maxMethodLength: count('maxMethodLength', o.maxMethodLength, 64),
    maxRequests: count('maxRequests', o.maxRequests, Infinity),
    firstByteTimeout: time('firstByteTimeout', o.firstByteTimeout, 10_000),
    headTimeout: time('headerReadTimeout', o.headerReadTimeout, 30_000),
    keepAliveTimeout,
    requestTimeout: time('requestTimeout', o.requestTimeout, 0),
    bodyMinRate: amount('bodyMinRate', o.bodyMinRate, 240, 0),
    bodyMinRateGrace: amount('bodyMinRateGrace', o.bodyMinRateGrace, 5_000, 0),
    lingerTimeout: amount('lingerTimeout', o.lingerTimeout, 2_000, 0),
    lingerSize: count('lingerSize', o.lingerSize, 65_536, 0),
    maxInformational: Infinity,
    http09Responses: false,
    lenient: {
      bareLf: flag('allowBareLf', o.allowBareLf, false),
      invalidFields: flag('ignoreInvalidHeaders', o.ignoreInvalidHeaders, false),
      multipleSpaces: flag('allowMultipleSpaces', o.allowMultipleSpaces, false),
      chunkedWithLength: flag('allowChunkedWithContentLength', o.allowChunkedWithContentLength, false),
      missingHost: flag('allowMissingHost', o.allowMissingHost, false),
      repeatedLength: flag('allowRepeatedContentLength', o.allowRepeatedContentLength, false),
      spaceBeforeColon: false,
      obsFold: false,
    },
    keepAliveText: hint
      ? `connection: keep-alive\r\nkeep-alive: timeout=${Math.floor(keepAliveTimeout / 1000)}\r\n`
      : '',
  }
}

/** @throws HyperError `INVALID_OPTION` */
export function clientSettings(o: H1ClientOptions): Settings {
  return {
    ...shared(o, 417_792, 0),
    halfClose: true,
    keepAlive: true,
    autoDateHeader: false,
    maxTargetLength: Infinity,
    maxMethodLength: Infinity,
    maxRequests: Infinity,
    firstByteTimeout: Infinity,
    headTimeout: time('headersTimeout', o.headersTimeout, 0),
    keepAliveTimeout: Infinity,
    requestTimeout: Infinity,
    bodyMinRate: 0,
    bodyMinRateGrace: 0,
    lingerTimeout: 0,
    lingerSize: 0,
    maxInformational: count('maxInformational', o.maxInformational, 32, 0),
    http09Responses: flag('http09Responses', o.http09Responses, false),
    lenient: {
      bareLf: flag('allowBareLf', o.allowBareLf, false),
      invalidFields: flag('ignoreInvalidHeaders', o.ignoreInvalidHeaders, false),
      multipleSpaces: false,
      chunkedWithLength: false,
      missingHost: false,
      repeatedLength: flag('allowRepeatedContentLength', o.allowRepeatedContentLength, false),
      spaceBeforeColon: flag('allowSpaceBeforeColon', o.allowSpaceBeforeColon, false),
      obsFold: flag('allowObsFold', o.allowObsFold, false),
    },
    keepAliveText: '',
  }
}

type Shared =
  | 'text'
  | 'titleCaseHeaders'
  | 'preserveHeaderCase'
  | 'maxHeaders'
  | 'maxHeadSize'
  | 'maxTrailerSize'
  | 'maxChunkExtensionSize'
  | 'bodyIdleTimeout'
  | 'sendTimeout'

function shared(o: H1Options, headSize: number, bodyIdle: number): Pick<Settings, Shared> {
  return {
    text: o.text ?? plainText,
    titleCaseHeaders: flag('titleCaseHeaders', o.titleCaseHeaders, false),
    preserveHeaderCase: flag('preserveHeaderCase', o.preserveHeaderCase, false),
    maxHeaders: count('maxHeaders', o.maxHeaders, 100, 0),
    maxHeadSize: count('maxHeadSize', o.maxHeadSize, headSize, LEAST_HEAD),
    maxTrailerSize: count('maxTrailerSize', o.maxTrailerSize, 16_384, 2),
    maxChunkExtensionSize: count('maxChunkExtensionSize', o.maxChunkExtensionSize, 16_384, 0),
    bodyIdleTimeout: time('bodyIdleTimeout', o.bodyIdleTimeout, bodyIdle),
    sendTimeout: time('sendTimeout', o.sendTimeout, 30_000),
  }
}

/** @internal The least `maxHeadSize`. */
export const LEAST_HEAD = 64
