import { count, type HyperError, time } from '@hyper/core/error'
import { Extensions } from '@hyper/core/http'
import type { Io, Runtime } from '@hyper/core/rt'
import { hostPort } from './address.ts'
import { CONNECT_PHASE, type ConnectContext, type Connector } from './connector.ts'
import { withDeadline } from './deadline.ts'
import type { Destination } from './destination.ts'
import { connectError } from './failure.ts'

// connectOnce: one connection by a connector, within a time. In: host and port, or a path for messages. Out: a stream.

/** Where to, and for how long. */
export interface OnceOptions {
  /** Name or address; default `'localhost'`. */
  readonly host?: string | undefined
  readonly port?: number | undefined
  /** Whom errors name where there is no host. */
  readonly path?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** Milliseconds for everything; off by default. */
  readonly timeout?: number | undefined
}

/** Rejects as connectors do, and with `CONNECT_TIMEOUT`. @throws HyperError (as a rejection) `INVALID_OPTION` */
export async function connectOnce(
  connector: Connector,
  options: OnceOptions,
  { runtime, secure }: { readonly runtime: Runtime; readonly secure: boolean },
): Promise<Io> {
  const { path, port = 0 } = options
  if (path === undefined) count('port', port, 0, 1, 65_535)
  const timeout = time('timeout', options.timeout, 0)
  const info = new Extensions()
  return withDeadline(
    { runtime, timeout, signal: options.signal ?? new AbortController().signal },
    (signal) => connector(placeOf(options, secure), { signal, info }),
    () => expired(options, timeout, info),
  )
}

function placeOf({ host = 'localhost', port = 0 }: OnceOptions, secure: boolean): Destination {
  const authority = hostPort(host, port)
  return { origin: `${secure ? 'https' : 'http'}://${authority}`, secure, host, port, authority }
}

function expired(options: OnceOptions, elapsedMs: number, info: ConnectContext['info']): HyperError {
  const address = options.path ?? placeOf(options, false).authority
  return connectError('CONNECT_TIMEOUT', `no connection to ${address} within ${elapsedMs} ms`, {
    phase: info.get(CONNECT_PHASE) ?? 'connect',
    address,
    elapsedMs,
  })
}
