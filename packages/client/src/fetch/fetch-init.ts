import { type HeaderMap, isMethod } from '@hyper/core/http'
import { asHeaders, FetchHeaders, type FetchHeadersInit, toHeaderMap } from '@hyper/util/web'
import type { RequestOptions } from '../options.ts'

// What fetch may be told. In: the members of a RequestInit, and ours. Out: each of them checked as the standard does: a
// value that it does not know is a TypeError, whether or not anything is done with the member here.

/** Trailers as values, or made once the body has been sent. */
export type FetchTrailersInit = FetchHeadersInit | (() => FetchHeadersInit | Promise<FetchHeadersInit>)

/** What fetch may be told: all that the standard has, and what it lacks. */
export interface FetchInit extends RequestInit {
  /** Must be given with a body that is a stream. The response may come before all of it is sent. */
  readonly duplex?: 'half'
  /** For this request alone, in place of the client's. Milliseconds; 0, null and Infinity turn one off. */
  readonly timeouts?: RequestOptions['timeouts']
  /** Bytes of the response head; more is `HEAD_TOO_LARGE`. Default 417,792. */
  readonly maxHeaderSize?: number | undefined
  /** Gets every 1xx response, 101 excepted, before the final one. */
  readonly onInformational?: ((status: number, headers: Headers) => void) | undefined
  /** Sent after the body. A function is called when the body has been sent. */
  readonly trailers?: FetchTrailersInit | undefined
}

/** `init` itself, or null where nothing was given. Throws a TypeError for what is no object. */
export function initOf(given: unknown): FetchInit | null {
  if (given === undefined || given === null) return null
  if (typeof given !== 'object' && typeof given !== 'function')
    throw new TypeError('the second argument of fetch is no object')
  return given
}

/** Checks what nothing is done with, as the standard would. Throws a TypeError. */
export function checkInit(init: FetchInit): void {
  const { cache, credentials, dispatcher, duplex, mode, priority, redirect, referrerPolicy, window } =
    init as Unchecked
  oneOf('redirect', redirect, REDIRECTS)
  oneOf('cache', cache, CACHES)
  // There is no cache that could have the answer.
  if (cache === 'only-if-cached')
    throw new TypeError("cache: 'only-if-cached' cannot be met: there is no cache")
  oneOf('credentials', credentials, CREDENTIALS)
  oneOf('mode', mode, MODES)
  oneOf('duplex', duplex, DUPLEX)
  oneOf('priority', priority, PRIORITIES)
  oneOf('referrerPolicy', referrerPolicy, POLICIES)
  if (window !== undefined && window !== null) throw new TypeError('window can only be null')
  // To leave it unused would send past a proxy what was meant to go through it.
  if (dispatcher !== undefined && dispatcher !== null) {
    throw new TypeError(
      'a dispatcher belongs to undici: make a fetch of your own with createFetch(new Client(…))',
    )
  }
}

/** The method, in upper case where the standard wants it (`patch` stays). Throws a TypeError for one that cannot be sent. */
export function methodOf(given: unknown): string {
  const method = `${given as string}`
  if (NORMALISED.has(method)) return method
  if (!isMethod(method)) throw new TypeError('the given method is no token')
  const upper = method.toUpperCase()
  if (FORBIDDEN.has(upper)) throw new TypeError(`${upper} cannot be fetched`)
  return NORMALISED.has(upper) ? upper : method
}

/** An AbortSignal, or null. Throws a TypeError for what is neither. */
export function abortSignalOf(given: unknown): AbortSignal | null {
  if (given === undefined || given === null) return null
  if (typeof given === 'object' && 'aborted' in given && 'addEventListener' in given)
    return given as AbortSignal
  throw new TypeError('the given signal is no AbortSignal')
}

/** The hook as the client calls it. Throws a TypeError for what is none. */
export function informationalOf(
  hook: FetchInit['onInformational'],
): ((status: number, map: HeaderMap) => void) | undefined {
  if (hook === undefined) return undefined
  if (typeof hook !== 'function') throw new TypeError('onInformational is no function')
  return (status, map) => hook(status, asHeaders(new FetchHeaders(map, 'immutable')))
}

/** The trailers as the client takes them. Throws a TypeError for what cannot be sent. */
export function trailersOf(given: FetchTrailersInit): HeaderMap | (() => Promise<HeaderMap>) | undefined {
  if (given === undefined) return undefined
  return typeof given === 'function' ? async () => toHeaderMap(await given()) : toHeaderMap(given)
}

type Unchecked = Readonly<Record<string, unknown>>

function oneOf(name: string, value: unknown, known: ReadonlySet<unknown>): void {
  if (value === undefined || known.has(value)) return
  throw new TypeError(`${name} is one of ${[...known].join(', ')}`)
}

const NORMALISED: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS'])
const FORBIDDEN: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK'])
const REDIRECTS: ReadonlySet<unknown> = new Set(['follow', 'error', 'manual'])
const CACHES: ReadonlySet<unknown> = new Set([
  'default',
  'no-store',
  'reload',
  'no-cache',
  'force-cache',
  'only-if-cached',
])
const CREDENTIALS: ReadonlySet<unknown> = new Set(['omit', 'same-origin', 'include'])
// `navigate` is for browsers themselves.
const MODES: ReadonlySet<unknown> = new Set(['cors', 'no-cors', 'same-origin'])
const DUPLEX: ReadonlySet<unknown> = new Set(['half'])
const PRIORITIES: ReadonlySet<unknown> = new Set(['high', 'low', 'auto'])
const POLICIES: ReadonlySet<unknown> = new Set([
  '',
  'no-referrer',
  'no-referrer-when-downgrade',
  'same-origin',
  'origin',
  'strict-origin',
  'origin-when-cross-origin',
  'strict-origin-when-cross-origin',
  'unsafe-url',
])
