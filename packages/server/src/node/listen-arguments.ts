import { inspect } from 'node:util'
import { nodeError } from './internals.ts'

// The arguments of `server.listen` in all their forms. In: what was given. Out: where to listen, and who is told.

/** Where to listen, as `net.Server` has it. */
export interface Place {
  readonly port?: number | undefined
  readonly host?: string | undefined
  readonly path?: string | undefined
  readonly fd?: number | undefined
  readonly backlog?: number | undefined
  readonly reusePort?: boolean | undefined
  readonly exclusive?: boolean | undefined
  readonly ipv6Only?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/** What {@link readListen} has found. */
export interface ListenCall {
  readonly place: Place
  readonly callback: (() => void) | null
}

/**
 * Reads `(port, host, backlog, callback)`, `(path, backlog, callback)`, `(options, callback)`, `(handle, callback)` and
 * whatever of them was left out.
 * @throws RangeError `ERR_SOCKET_BAD_PORT`; TypeError `ERR_INVALID_ARG_VALUE`
 */
export function readListen(given: readonly unknown[]): ListenCall {
  const last = given.at(-1)
  const callback = typeof last === 'function' ? (last as () => void) : null
  const [first, ...rest] = callback === null ? given : given.slice(0, -1)
  const backlog = rest.map(Number).find((value) => Number.isInteger(value) && value > 0)
  if (typeof first === 'object' && first !== null) return { place: placeOf(first, backlog), callback }
  if (typeof first === 'string' && !isPort(first)) return { place: { path: first, backlog }, callback }
  const host = rest.find((value) => typeof value === 'string')
  return { place: { port: portOf(first), host, backlog }, callback }
}

function placeOf(options: object, backlog: number | undefined): Place {
  const given = options as Place & { readonly _handle?: { readonly fd?: number } | null }
  const fd = given.fd ?? given._handle?.fd
  if (typeof fd === 'number' && fd >= 0) return { ...common(given, backlog), fd }
  if (typeof given.path === 'string') return { ...common(given, backlog), path: given.path }
  if (given.port === undefined && !('port' in given))
    throw nodeError(
      'ERR_INVALID_ARG_VALUE',
      'The argument "options" must have the property "port" or "path"',
      TypeError,
    )
  return { ...common(given, backlog), port: portOf(given.port), host: given.host }
}

function common(given: Place, backlog: number | undefined): Place {
  const { exclusive, ipv6Only, reusePort, signal } = given
  return { backlog: given.backlog ?? backlog, exclusive, ipv6Only, reusePort, signal }
}

function isPort(text: string): boolean {
  return /^\s*(?:\d+|0x[\da-f]+)\s*$/i.test(text)
}

function portOf(given: unknown): number {
  if (given == null) return 0
  const port = typeof given === 'string' && given.trim() === '' ? Number.NaN : Number(given)
  if (typeof given !== 'boolean' && Number.isInteger(port) && port >= 0 && port < 65_536) return port
  throw nodeError(
    'ERR_SOCKET_BAD_PORT',
    `options.port should be >= 0 and < 65536. Received ${inspect(given)}.`,
    RangeError,
  )
}
