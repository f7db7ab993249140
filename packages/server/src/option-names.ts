import { userError } from '@hyper/core/error'
import type {
  Http1Options,
  Http2Options,
  ServeOptions,
  ServerLimits,
  ServerProxyProtocol,
  ServerTimeouts,
} from './options.ts'
import type { CloseOptions } from './server.ts'
import type { ServerSignals } from './signals.ts'

// Names of options, and what their values are. In: options. Out: nothing, or an INVALID_OPTION that names the option. A name
// that nobody reads is refused: `host` for `hostname` would listen on all addresses, `timeout` for `timeouts` would be none,
// and nobody would be told. Numbers are checked by who uses them; what `node:tls` takes is its affair.

/** What an option must be; `true` where whoever reads it tells. */
type Check = true | readonly [holds: (value: unknown) => boolean, must: string]
type Checks = ReadonlyMap<string, Check>
type Grouped = Pick<
  ServeOptions,
  'http1' | 'http2' | 'limits' | 'onError' | 'runtime' | 'timeouts' | 'tracer'
>

/** @throws HyperError `INVALID_OPTION` */
export function checkNames(options: ServeOptions): void {
  check('serve()', '', options, SERVE)
  const { proxyProtocol, signals } = options
  checkGroups(options)
  if (isObject(proxyProtocol)) check('proxyProtocol', 'proxyProtocol.', proxyProtocol, PROXY_PROTOCOL)
  if (isObject(signals) && !Array.isArray(signals)) check('signals', 'signals.', signals, SIGNALS)
}

/** Of what a node-shaped server has besides the options of Node's. @throws HyperError `INVALID_OPTION` */
export function checkGroups(options: Grouped): void {
  const { http1, http2, limits, onError, runtime, timeouts, tracer } = options
  check('serve()', '', { http1, http2, limits, onError, runtime, timeouts, tracer }, SERVE)
  if (timeouts !== undefined) check('timeouts', 'timeouts.', timeouts, TIMEOUTS)
  if (limits !== undefined) check('limits', 'limits.', limits, LIMITS)
  if (isObject(http1)) check('http1', 'http1.', http1, HTTP1)
  if (isObject(http2)) check('http2', 'http2.', http2, HTTP2)
}

/** @throws HyperError `INVALID_OPTION`, also for what is no object: `close(1_000)` would have no deadline */
export function checkClose(options: CloseOptions): void {
  if (!isObject(options))
    throw userError('INVALID_OPTION', 'close() takes an object: close({ deadline: 10_000 })')
  check('close()', '', options, CLOSE)
}

function check(whose: string, prefix: string, options: object, known: Checks): void {
  for (const name in options) {
    const rule = known.get(name)
    if (rule === true) continue
    if (rule === undefined) {
      const names = [...known.keys()].join(', ')
      const hint = isApplication(options) ? 'an application is given as serve({ fetch: app.fetch }). ' : ''
      throw userError('INVALID_OPTION', `${hint}${name} is no option of ${whose}; these are: ${names}`)
    }
    const value: unknown = Reflect.get(options, name)
    if (value !== undefined && !rule[0](value))
      throw userError('INVALID_OPTION', `${prefix}${name} must be ${rule[1]}`)
  }
}

// ------------------------------------------------------------------ what holds

const isFunction = (value: unknown): boolean => typeof value === 'function'
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''

/** `serve(app)`, which others take. */
function isApplication(options: object): boolean {
  return has(options, 'fetch') && ![Object.prototype, null].includes(Object.getPrototypeOf(options) as object)
}

function has(value: unknown, ...names: readonly string[]): boolean {
  return isObject(value) && names.every((name) => isFunction(Reflect.get(value, name)))
}

const GROUP: Check = [isObject, 'an object of options']
const SWITCH: Check = [
  (value) => typeof value === 'boolean' || isObject(value),
  'a boolean or an object of options',
]
const HOOK: Check = [isFunction, 'a function']
const FLAG: Check = [(value) => typeof value === 'boolean', 'a boolean']

// ------------------------------------------------------------------ every option

const SERVE: Checks = named<ServeOptions>({
  port: true,
  hostname: [isText, 'an address or a name'],
  path: [isText, 'the path of a unix socket'],
  fd: true,
  handle: true,
  connections: true,
  listen: true,
  proxyProtocol: true,
  reusePort: true,
  backlog: [(value) => Number.isInteger(value) && Number(value) >= 0, 'a whole number of at least 0'],
  tls: true,
  fetch: true,
  service: true,
  timeouts: GROUP,
  limits: GROUP,
  http1: SWITCH,
  http2: SWITCH,
  onError: HOOK,
  tracer: [isObject, 'an object of hooks'],
  signal: [(value) => has(value, 'addEventListener', 'throwIfAborted'), 'an AbortSignal'],
  signals: true,
  runtime: [(value) => has(value, 'defer', 'onError'), 'a Runtime'],
})

const TIMEOUTS: Checks = named<ServerTimeouts>({
  handshake: true,
  headers: true,
  idle: true,
  receive: true,
  send: true,
  total: true,
  linger: true,
  tunnelIdle: true,
  waitUntil: true,
  connectionAge: true,
})

const LIMITS: Checks = named<ServerLimits>({
  maxHeaderSize: true,
  maxHeaders: true,
  maxTargetLength: true,
  maxMethodLength: true,
  maxTrailerSize: true,
  maxChunkExtensionSize: true,
  maxRequestBodySize: true,
  maxRequestsPerConnection: true,
  maxConcurrentStreams: true,
  maxConnections: true,
  maxConnectionsPerAddress: true,
  minBodyRate: true,
  minBodyRateGrace: true,
})

const HTTP1: Checks = named<Http1Options>({
  titleCaseHeaders: FLAG,
  preserveHeaderCase: FLAG,
  maxHeaders: true,
  maxHeadSize: true,
  maxTrailerSize: true,
  maxChunkExtensionSize: true,
  bodyIdleTimeout: true,
  sendTimeout: true,
  allowBareLf: FLAG,
  ignoreInvalidHeaders: FLAG,
  text: true,
  halfClose: FLAG,
  keepAlive: FLAG,
  keepAliveHint: FLAG,
  autoDateHeader: FLAG,
  maxTargetLength: true,
  maxMethodLength: true,
  maxRequests: true,
  firstByteTimeout: true,
  headerReadTimeout: true,
  keepAliveTimeout: true,
  requestTimeout: true,
  bodyMinRate: true,
  bodyMinRateGrace: true,
  lingerTimeout: true,
  lingerSize: true,
  allowMultipleSpaces: FLAG,
  allowChunkedWithContentLength: FLAG,
  allowMissingHost: FLAG,
  allowRepeatedContentLength: FLAG,
})

const HTTP2: Checks = named<Http2Options>({
  initialStreamWindowSize: true,
  initialConnectionWindowSize: true,
  adaptiveWindow: FLAG,
  maxWindowSize: true,
  maxFrameSize: true,
  maxHeaderListSize: true,
  maxHeaders: true,
  headerTableSize: true,
  maxSendBufferSize: true,
  maxLocalErrorResetStreams: true,
  headerBlockTimeout: true,
  settingsTimeout: true,
  keepAliveInterval: true,
  keepAliveTimeout: true,
  bodyIdleTimeout: true,
  sendTimeout: true,
  text: true,
  maxConcurrentStreams: true,
  autoDateHeader: FLAG,
  enableConnectProtocol: FLAG,
  idleTimeout: true,
  requestTimeout: true,
  bodyMinRate: true,
  bodyMinRateGrace: true,
  maxResetBurst: true,
  maxResetRate: true,
  maxRequests: true,
})

const PROXY_PROTOCOL: Checks = named<ServerProxyProtocol>({ trusted: true, others: true, maxSize: true })
const SIGNALS: Checks = named<ServerSignals>({ names: true, deadline: true, grace: true, delay: true })
const CLOSE: Checks = named<CloseOptions>({ deadline: true, grace: true })

/** The compiler holds that none is missing. */
function named<Options>(checks: Record<keyof Options & string, Check>): Checks {
  return new Map(Object.entries<Check>(checks))
}
