import { type HyperError, userError } from '@hyper/core/error'
import type { Io, Runtime } from '@hyper/core/rt'
import type { ConnectContext } from './connector.ts'
import { withDeadline } from './deadline.ts'
import { addressOf, type Destination } from './destination.ts'
import { connectError, ownError } from './failure.ts'
import { addTiming, entersPhase } from './progress.ts'

// TLS as connectors need it: who does it is brought, since each platform has its own.

/**
 * Puts TLS round a stream that nobody has started, and resolves once the handshake is done and the certificate is that of
 * `destination.host`. Rejects with `TLS` or `CANCELED`; the stream is torn down then.
 */
export type Secure = (io: Io, destination: Destination, context: ConnectContext) => Promise<Io>

/** What every connector that can do TLS takes. */
export interface SecureOptions {
  /** Clock and timers. */
  readonly runtime: Pick<Runtime, 'clock' | 'timer'>
  /** Does TLS: `nodeSecure` of `@hyper/util/node`. Without it, destinations that want TLS are refused. */
  readonly secure?: Secure | undefined
  /** Milliseconds for one handshake, TLS or of a proxy; then `CONNECT_TIMEOUT`. 0 and null are no limit. Default 30,000. */
  readonly handshakeTimeout?: number | null | undefined
}

/** Milliseconds. Stops a peer that accepts connections and says nothing from keeping them all. */
export const HANDSHAKE_TIMEOUT = 30_000

/** What is left of {@link SecureOptions} once they are read. */
export interface Securing {
  readonly runtime: Pick<Runtime, 'clock' | 'timer'>
  readonly secure: Secure | null
  /** Infinity for none. */
  readonly timeout: number
}

/** Plain text never goes where TLS was asked for. @throws HyperError `INVALID_OPTION` */
export function ensureCanSecure(destination: Destination, secure: Secure | null): void {
  if (!destination.secure || secure !== null) return
  throw userError('INVALID_OPTION', `${destination.origin} wants TLS, and no \`secure\` was given`)
}

/** The stream itself, or TLS over it where the destination wants that. */
export async function securedIf(
  io: Io,
  destination: Destination,
  context: ConnectContext,
  { runtime, secure, timeout }: Securing,
): Promise<Io> {
  if (!destination.secure || secure === null) return io
  entersPhase(context, 'tls')
  const began = runtime.clock.now()
  try {
    const secured = await withDeadline(
      { runtime, timeout, signal: context.signal },
      (signal) => secure(io, destination, { signal, info: context.info }),
      () => expired(destination, timeout),
    )
    addTiming(context, 'tlsMs', runtime.clock.now() - began)
    return secured
  } catch (error) {
    // One of somebody else's may have failed before it took the stream.
    io.abort()
    throw ownError(error, 'TLS', 'tls', addressOf(destination))
  }
}

function expired(destination: Destination, timeout: number): HyperError {
  const address = addressOf(destination)
  return connectError('CONNECT_TIMEOUT', `no TLS handshake with ${address} within ${timeout} ms`, {
    by: 'peer',
    phase: 'tls',
    address,
    elapsedMs: timeout,
  })
}
