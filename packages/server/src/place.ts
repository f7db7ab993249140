import { count, HyperError, shown, userError } from '@hyper/core/error'
import type { Io, Runtime } from '@hyper/core/rt'
import { listen, type ListenAddress, type ListenOptions } from '@hyper/util/platform'
import type { ProxyProtocolOptions } from '@hyper/util/server'
import { takeConnections } from './connections.ts'
import { onlyProtocol, type ServeOptions } from './options.ts'
import type { Accepting, Binding } from './server.ts'

// Places: where the connections of a server come from. In: the options that name one. Out: what accepts there, and how
// the place is called. A place is a port, a path, a descriptor, a handle, something that yields connections, or none.

export interface Place {
  readonly accepting: Accepting
  readonly binding: Binding
}

/** How a place hands on what it gets. */
export interface PlaceEvents {
  onConnection(io: Io): void
  /** Nothing more will come. */
  onEnd(): void
}

const PLACES = ['port', 'path', 'fd', 'handle', 'connections'] as const
/** What only a place that the system knows may have. */
const OF_THE_SYSTEM = ['backlog', 'tls'] as const

/** @throws HyperError `INVALID_OPTION` */
export function checkPlace(options: ServeOptions): void {
  const given = PLACES.filter((name) => options[name] !== undefined).map((name) => `\`${name}\``)
  if (options.listen === false) given.push('`listen: false`')
  else if (options.listen !== undefined && options.listen !== true)
    throw userError('INVALID_OPTION', '`listen` must be true or false')
  const [first = '`port`', second] = given
  if (second !== undefined) throw userError('INVALID_OPTION', `serve() takes ${first} or ${second}, not both`)
  if (first !== '`port`') refuse(options, ['hostname', 'reusePort'], first)
  if (options.listen === false || options.connections !== undefined) refuse(options, OF_THE_SYSTEM, first)
  if (options.listen === false) refuse(options, ['proxyProtocol'], first)
  checkValues(options)
}

function checkValues({ connections, fd, handle, port, reusePort }: ServeOptions): void {
  count('port', port, 0, 0, 65_535)
  count('fd', fd, 0, 0, 2_147_483_647)
  if (handle !== undefined && (typeof handle !== 'object' || handle === null))
    throw userError('INVALID_OPTION', 'handle must be a net.Server that listens, or its handle')
  if (reusePort !== undefined && typeof reusePort !== 'boolean')
    throw userError('INVALID_OPTION', `reusePort must be true or false, not ${shown(reusePort)}`)
  if (connections !== undefined && typeof connections?.[Symbol.asyncIterator] !== 'function')
    throw userError('INVALID_OPTION', '`connections` must be an async iterable of streams')
}

function refuse(options: ServeOptions, names: readonly (keyof ServeOptions)[], place: string): void {
  for (const name of names) {
    if (options[name] !== undefined)
      throw userError('INVALID_OPTION', `\`${name}\` does not go with ${place}`)
  }
}

/** Begins to accept; rejects with the system's error when it cannot. */
export async function openPlace(
  options: ServeOptions,
  runtime: Runtime,
  events: PlaceEvents,
): Promise<Place> {
  const { connections } = options
  if (connections !== undefined)
    return {
      accepting: takeConnections(connections, runtime, events, proxyOptions(options)),
      binding: NOWHERE,
    }
  if (options.listen === false) return { accepting: NOTHING, binding: NOWHERE }
  const listener = listen(listenOptions(options, runtime), (io) => events.onConnection(io))
  await listener.ready
  return { accepting: listener, binding: bindingOf(listener.address) }
}

export function listenOptions(options: ServeOptions, runtime: Runtime): ListenOptions {
  const { backlog, fd, handle, hostname, path, port, reusePort, timeouts, tls } = options
  const isElsewhere = path !== undefined || fd !== undefined || handle !== undefined
  return {
    port: isElsewhere ? undefined : (port ?? 0),
    hostname,
    path,
    fd,
    handle,
    backlog,
    reusePort,
    proxyProtocol: proxyOptions(options),
    tls:
      tls === undefined
        ? undefined
        : { ...tls, alpn: alpnOf(options), handshakeTimeout: timeouts?.handshake },
    // A handshake that fails is a client's affair: scanners cause them all day. So is what is said before one.
    onError: (error) => {
      if (!(error instanceof HyperError) || (error.phase !== 'tls' && error.phase !== 'connect'))
        runtime.onError(error)
    },
  }
}

/** @throws HyperError `INVALID_OPTION` */
function proxyOptions({ proxyProtocol, timeouts }: ServeOptions): ProxyProtocolOptions | undefined {
  if (proxyProtocol === undefined) return undefined
  if (typeof proxyProtocol !== 'object' || proxyProtocol === null)
    throw userError('INVALID_OPTION', '`proxyProtocol` must be an object: { trusted: [address] }')
  return { ...proxyProtocol, timeout: timeouts?.handshake }
}

/** Best first (RFC 7301 §3.2): the server chooses. */
function alpnOf(options: ServeOptions): string[] {
  const only = onlyProtocol(options)
  if (only === undefined) return ['h2', 'http/1.1']
  return only === 'http2' ? ['h2'] : ['http/1.1']
}

export function bindingOf(address: ListenAddress | null): Binding {
  if (address === null || address.path !== null)
    return { kind: 'path', port: 0, hostname: address?.path ?? '' }
  return { kind: 'port', port: address.port ?? 0, hostname: address.hostname ?? '' }
}

const NOWHERE: Binding = { kind: 'none', port: 0, hostname: '' }

const NOTHING: Accepting = { close() {}, ref() {}, unref() {}, reloadTls: null }
