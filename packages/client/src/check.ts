import { userError } from '@hyper/core/error'
import type { H1ClientOptions } from '@hyper/core/h1'
import type { PooledH2Options } from '@hyper/util/pool'
import type { CloseOptions } from './client.ts'
import { JAR } from './layers/cookies.ts'
import {
  type Check,
  type Checks,
  check,
  FLAG,
  GROUP,
  has,
  HOOK,
  isBoolean,
  isCount,
  isFunction,
  isLayers,
  isObject,
  isText,
  named,
  SWITCH,
  TIME,
} from './option.ts'
import type {
  ClientOptions,
  ClientPoolOptions,
  ClientTimeouts,
  RequestOptions,
  VerbOptions,
} from './options.ts'
import type { UpgradeOptions } from './upgraded.ts'

// Every option of a client and of a request, and what it must be. In: options. Out: nothing, or an INVALID_OPTION, before
// anything is sent. Limits and timeouts of a protocol are checked by the engine, options of layers by the layers.

/** @throws HyperError `INVALID_OPTION` */
export function checkClientOptions(options: ClientOptions): void {
  check('a client', '', options, CLIENT)
  const { http1, http2, pool, timeouts, tls } = options
  if (tls?.ca !== undefined) check('tls', 'tls.', { ca: tls.ca }, CA)
  if (timeouts !== undefined) check('timeouts', 'timeouts.', timeouts, TIMEOUTS)
  if (pool !== undefined) check('pool', 'pool.', pool, POOL)
  if (isObject(http1)) check('http1', 'http1.', http1, HTTP1)
  if (isObject(http2)) check('http2', 'http2.', http2, HTTP2)
}

/** @throws HyperError `INVALID_OPTION`, also for a client that was given in place of the options with it */
export function checkInstallOptions(options: object): void {
  check('install', '', options, INSTALL)
}

/** @throws HyperError `INVALID_OPTION` */
export function checkRequestOptions(options: RequestOptions): void {
  checkRequest('a request', options, REQUEST)
}

/** @throws HyperError `INVALID_OPTION` */
export function checkUpgradeOptions(options: UpgradeOptions): void {
  checkRequest('an upgrade', options, UPGRADE)
}

function checkRequest(whose: string, options: RequestOptions, known: Checks): void {
  check(whose, '', options, known)
  if (options.timeouts !== undefined)
    check(`timeouts of ${whose}`, 'timeouts.', options.timeouts, REQUEST_TIMEOUTS)
}

/** @throws HyperError `INVALID_OPTION`, also for what is no object: `close(1_000)` would have no deadline */
export function checkClose(options: CloseOptions): void {
  if (!isObject(options))
    throw userError('INVALID_OPTION', 'close() takes an object: close({ deadline: 10_000 })')
  check('close()', '', options, CLOSE)
}

// ------------------------------------------------------------------ what holds

const AUTH: Check = [
  (value) => value === null || isObject(value),
  'an object with `username` or `bearer`, or null',
]
const MODES: readonly unknown[] = ['follow', 'manual', 'error']
const REDIRECT: Check = [
  (value) => MODES.includes(value) || isFunction(value) || isObject(value),
  "'follow', 'manual' or 'error', a function, or an object of options",
]
const FIELDS: Check = [isObject, 'fields: an object, pairs, a Headers or a HeaderMap']
/** Node passes over a `ca` that is none, and then trusts nobody: the path of a file, for instance. */
const CERTIFICATES: Check = [
  (value) => (Array.isArray(value) ? value : [value]).every(isPem),
  'certificates, as the text of a PEM file',
]
/** As the engine has it, which knows the option by another name. */
const LEAST_HEAD = 64

/** Text may stand before the first one. */
function isPem(value: unknown): boolean {
  const text = value instanceof Uint8Array ? new TextDecoder('latin1').decode(value) : value
  return typeof text === 'string' && text.includes('-----BEGIN ')
}

// ------------------------------------------------------------------ every option

const CLIENT: Checks = named<ClientOptions>({
  timeouts: true,
  ca: CERTIFICATES,
  rejectUnauthorized: FLAG,
  servername: [isText, 'a name'],
  tls: GROUP,
  tcp: GROUP,
  resolver: [(value) => has(value, 'resolve'), 'a Resolver'],
  socketPath: [isText, 'the path of a unix socket'],
  headers: FIELDS,
  http1: SWITCH,
  connector: HOOK,
  tracer: [isObject, 'an object of hooks'],
  runtime: [(value) => has(value, 'defer', 'onError'), 'a Runtime'],
  proxy: true,
  http2: SWITCH,
  pool: true,
  maxReplays: true,
  redirect: REDIRECT,
  cookies: JAR,
  decompress: SWITCH,
  retry: SWITCH,
  auth: AUTH,
  layers: [(value) => isFunction(value) || isLayers(value), 'a list of layers, or a function that makes one'],
})

const CA: Checks = new Map([['ca', CERTIFICATES]])

const INSTALL: Checks = new Map([
  ['client', true],
  ['codes', true],
])

const OF_VERB: Record<Extract<keyof VerbOptions, string>, Check> = {
  headers: FIELDS,
  body: true,
  json: true,
  form: true,
  trailers: [(value) => isFunction(value) || isObject(value), 'fields, or a function that makes them'],
  signal: [(value) => value === null || has(value, 'addEventListener'), 'an AbortSignal'],
  onInformational: HOOK,
  timeouts: true,
  maxHeaderSize: [
    (value) => value === Infinity || (Number.isInteger(value) && Number(value) >= LEAST_HEAD),
    `a number of bytes, ${LEAST_HEAD} at the least`,
  ],
  idempotent: FLAG,
  expectContinue: [(value) => isBoolean(value) || isCount(value), 'a boolean or milliseconds'],
  redirect: REDIRECT,
  cookies: JAR,
  decompress: SWITCH,
  retry: SWITCH,
  auth: AUTH,
  onUploadProgress: HOOK,
  onDownloadProgress: HOOK,
}
const METHOD: Check = [(value) => typeof value === 'string', 'a string']
const REQUEST: Checks = named<RequestOptions>({ method: METHOD, ...OF_VERB })
const PROTOCOL: Check = [isText, 'the name of a protocol']
const UPGRADE: Checks = named<UpgradeOptions>({ protocol: PROTOCOL, http2: FLAG, ...OF_VERB })

const OF_REQUEST = { connect: TIME, headers: TIME, idle: TIME, total: TIME, pool: TIME }
const REQUEST_TIMEOUTS: Checks = named<Omit<ClientTimeouts, 'keepAlive'>>(OF_REQUEST)
const TIMEOUTS: Checks = named<ClientTimeouts>({ ...OF_REQUEST, keepAlive: TIME })

const POOL: Checks = named<ClientPoolOptions>({
  maxConnections: true,
  maxConnectionsPerOrigin: true,
  maxPending: true,
  maxAge: true,
  maxKnownOrigins: true,
  unreadTimeout: true,
})

const HTTP1: Checks = named<H1ClientOptions>({
  titleCaseHeaders: true,
  preserveHeaderCase: true,
  maxHeaders: true,
  maxHeadSize: true,
  maxTrailerSize: true,
  maxChunkExtensionSize: true,
  maxInformational: true,
  headersTimeout: true,
  bodyIdleTimeout: true,
  sendTimeout: true,
  allowBareLf: true,
  allowObsFold: true,
  allowRepeatedContentLength: true,
  allowSpaceBeforeColon: true,
  http09Responses: true,
  ignoreInvalidHeaders: true,
  text: true,
})

const HTTP2: Checks = named<PooledH2Options>({
  priorKnowledge: FLAG,
  maxConnections: true,
  initialStreamWindowSize: true,
  initialConnectionWindowSize: true,
  adaptiveWindow: true,
  maxWindowSize: true,
  maxFrameSize: true,
  maxHeaderListSize: true,
  maxHeaders: true,
  maxInformational: true,
  headerTableSize: true,
  maxSendBufferSize: true,
  maxLocalErrorResetStreams: true,
  initialMaxSendStreams: true,
  headerBlockTimeout: true,
  headersTimeout: true,
  settingsTimeout: true,
  keepAliveInterval: true,
  keepAliveTimeout: true,
  keepAliveWhileIdle: true,
  bodyIdleTimeout: true,
  sendTimeout: true,
  text: true,
})

const CLOSE: Checks = named<CloseOptions>({ deadline: true })
