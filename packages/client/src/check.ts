import { userError } from '@hyper/core/error'
import type { ClientOptions, ClientPoolOptions, ClientTimeouts, RequestOptions } from './options.ts'

// Checks of what a client and a request are given. In: options. Out: nothing, or an INVALID_OPTION that names the option. A
// name that nobody reads is refused: `timeout` for `timeouts`, or a body in place of options, would otherwise be no timeout
// and no body, and nobody would be told. Names of layers of one's own are symbols. Numbers are checked by who uses them.

/** What an option must be; `true` where whoever reads it tells. */
type Check = true | readonly [holds: (value: unknown) => boolean, must: string]

/** @throws HyperError `INVALID_OPTION` */
export function checkClientOptions(options: ClientOptions): void {
  check('a client', options, CLIENT)
  if (options.timeouts !== undefined) check('timeouts', options.timeouts, TIMEOUTS)
  if (options.pool !== undefined) check('pool', options.pool, POOL)
}

/** @throws HyperError `INVALID_OPTION`, also for a client that was given in place of the options with it */
export function checkInstallOptions(options: object): void {
  check('install', options, INSTALL)
}

/** @throws HyperError `INVALID_OPTION` */
export function checkRequestOptions(options: RequestOptions): void {
  check('a request', options, REQUEST)
  if (options.timeouts !== undefined) check('timeouts of a request', options.timeouts, REQUEST_TIMEOUTS)
}

function check(whose: string, options: object, known: ReadonlyMap<string, Check>): void {
  if (typeof options !== 'object' || options === null)
    throw userError('INVALID_OPTION', `the options of ${whose} must be an object, not ${shown(options)}`)
  for (const name in options) {
    const rule = known.get(name)
    if (rule === true) continue
    if (rule === undefined) {
      const names = [...known.keys()].join(', ')
      throw userError('INVALID_OPTION', `${name} is no option of ${whose}; these are: ${names}`)
    }
    const value: unknown = Reflect.get(options, name)
    if (value !== undefined && !rule[0](value))
      throw userError('INVALID_OPTION', `${name} must be ${rule[1]}, not ${shown(value)}`)
  }
}

/** A value in a message: by its kind where its text may be long, or a secret. */
function shown(value: unknown): string {
  if (value === null || typeof value === 'number') return String(value)
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

// ------------------------------------------------------------------ what holds

const isFunction = (value: unknown): boolean => typeof value === 'function'
const isBoolean = (value: unknown): boolean => typeof value === 'boolean'
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
const isSwitch = (value: unknown): boolean => isBoolean(value) || isObject(value)
const isList = (value: unknown): boolean => Array.isArray(value) && value.every(isFunction)

function has(value: unknown, ...names: readonly string[]): boolean {
  return isObject(value) && names.every((name) => isFunction(Reflect.get(value, name)))
}

const HOOK: Check = [isFunction, 'a function']
const FLAG: Check = [isBoolean, 'a boolean']
const SWITCH: Check = [isSwitch, 'a boolean or an object of options']
const AUTH: Check = [
  (value) => value === null || isObject(value),
  'an object with `username` or `bearer`, or null',
]
const MODES: readonly unknown[] = ['follow', 'manual', 'error']
const REDIRECT: Check = [
  (value) => MODES.includes(value) || isFunction(value) || isObject(value),
  "'follow', 'manual' or 'error', a function, or an object of options",
]
const JAR: Check = [
  (value) => value === null || has(value, 'getCookieString', 'setCookie'),
  'a cookie jar (getCookieString and setCookie), or null',
]

// ------------------------------------------------------------------ every option

const CLIENT: ReadonlyMap<string, Check> = named<ClientOptions>({
  timeouts: true,
  ca: true,
  rejectUnauthorized: FLAG,
  servername: true,
  tls: [isObject, 'an object of options'],
  tcp: [isObject, 'an object of options'],
  resolver: [(value) => has(value, 'resolve'), 'a Resolver'],
  socketPath: true,
  headers: true,
  http1: true,
  connector: HOOK,
  tracer: [isObject, 'an object of hooks'],
  runtime: [(value) => has(value, 'defer', 'onError'), 'a Runtime'],
  proxy: true,
  http2: true,
  pool: true,
  maxReplays: true,
  redirect: true,
  cookies: JAR,
  decompress: SWITCH,
  retry: SWITCH,
  auth: AUTH,
  layers: [(value) => isFunction(value) || isList(value), 'a list of layers, or a function that makes one'],
})

const INSTALL: ReadonlyMap<string, Check> = new Map([
  ['client', true],
  ['codes', true],
])

const REQUEST: ReadonlyMap<string, Check> = named<RequestOptions>({
  method: [(value) => typeof value === 'string', 'a string'],
  headers: true,
  body: true,
  json: true,
  form: true,
  trailers: [(value) => isFunction(value) || isObject(value), 'fields, or a function that makes them'],
  signal: [(value) => value === null || has(value, 'addEventListener'), 'an AbortSignal'],
  onInformational: HOOK,
  timeouts: true,
  maxHeaderSize: [
    (value) => value === Infinity || (Number.isInteger(value) && Number(value) > 0),
    'a number of bytes',
  ],
  idempotent: FLAG,
  expectContinue: [(value) => isBoolean(value) || typeof value === 'number', 'a boolean or milliseconds'],
  redirect: REDIRECT,
  cookies: JAR,
  decompress: SWITCH,
  retry: SWITCH,
  auth: AUTH,
  onUploadProgress: HOOK,
  onDownloadProgress: HOOK,
})

const REQUEST_TIMEOUTS: ReadonlyMap<string, Check> = named<Omit<ClientTimeouts, 'keepAlive'>>({
  connect: true,
  headers: true,
  idle: true,
  total: true,
  pool: true,
})

const TIMEOUTS: ReadonlyMap<string, Check> = new Map([...REQUEST_TIMEOUTS, ['keepAlive', true]])

const POOL: ReadonlyMap<string, Check> = named<ClientPoolOptions>({
  maxConnections: true,
  maxConnectionsPerOrigin: true,
  maxPending: true,
  maxAge: true,
  maxKnownOrigins: true,
  unreadTimeout: true,
})

/** The compiler holds that none is missing. */
function named<Options>(checks: Record<keyof Options & string, Check>): ReadonlyMap<string, Check> {
  return new Map(Object.entries<Check>(checks))
}
