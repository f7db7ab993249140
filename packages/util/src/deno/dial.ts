import { userError } from '@hyper/core/error'
import type { Io } from '@hyper/core/rt'
import { hostPort, ipFamily } from '../connect/address.ts'
import { canceled, connectError, wordsOf } from '../connect/failure.ts'
import { denoApi, type DenoConn, type TcpConn } from './deno-api.ts'
import { denoIo } from './deno-io.ts'
import { refuse } from './refuse.ts'

// dialTcp, dialUnix: one transport to one place. In: an address, or a path. Out: an Io, or why there is none. No names, no choice
// between addresses, no TLS: connectors have those.

/** What a TCP connection is made with. */
export interface TcpOptions {
  /** Sends small writes at once (TCP_NODELAY). Default true: drivers gather what they write. */
  readonly noDelay?: boolean | undefined
  /** True: the system asks, in its own time, whether a silent peer is still there. Default off. */
  readonly keepAlive?: boolean | undefined
}

/** How {@link dialTcp} and {@link dialUnix} can be given up. */
export interface DialOptions extends TcpOptions {
  /** Gives the attempt up: `CANCELED`. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Connects to an IP address, without brackets.
 * Rejects with a HyperError: `CONNECT` (`cause` is Deno's error), or `CANCELED`; both `retryable`.
 * @throws HyperError (as a rejection) `INVALID_OPTION` when `address` is a name, and for what Deno cannot do
 */
export async function dialTcp(address: string, port: number, options: DialOptions = {}): Promise<Io> {
  if (ipFamily(address) === 0) throw userError('INVALID_OPTION', `${address} is no IP address`)
  ensureTcp(options)
  const { signal } = options
  const dial = (): Promise<TcpConn> => denoApi().connect({ hostname: address, port, signal })
  const conn = await dialled(dial, hostPort(address, port), signal)
  conn.setNoDelay(options.noDelay ?? true)
  if (options.keepAlive === true) conn.setKeepAlive(true)
  return denoIo(conn)
}

/** Connects to a unix socket. Rejects as {@link dialTcp}. */
export async function dialUnix(path: string, options: Pick<DialOptions, 'signal'> = {}): Promise<Io> {
  return denoIo(await dialled(() => denoApi().connect({ path, transport: 'unix' }), path, options.signal))
}

/** @throws HyperError `INVALID_OPTION` */
export function ensureTcp(options: DialOptions): void {
  refuse('tcp', options, ['noDelay', 'keepAlive', 'signal'])
  const keepAlive: unknown = options.keepAlive
  if (keepAlive === undefined || typeof keepAlive === 'boolean') return
  throw userError('INVALID_OPTION', 'tcp.keepAlive: Deno takes no time for it; true or false')
}

/** Waits for an attempt, but not beyond its signal; what comes later is closed. */
export async function dialled<Conn extends DenoConn>(
  dial: () => Promise<Conn>,
  address: string,
  signal: AbortSignal | undefined,
): Promise<Conn> {
  if (signal !== undefined && isAborted(signal)) throw canceled(signal, 'connect', address)
  const beganAt = performance.now()
  let onAbort = ignore
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => signal !== undefined && reject(canceled(signal, 'connect', address))
  })
  signal?.addEventListener('abort', onAbort)
  const attempt = dial()
  try {
    return await Promise.race([attempt, aborted])
  } catch (error) {
    if (signal !== undefined && isAborted(signal)) {
      attempt.then((conn) => conn.close(), ignore)
      throw canceled(signal, 'connect', address)
    }
    const elapsedMs = performance.now() - beganAt
    const cause = error instanceof Error ? error : new Error(String(error))
    throw connectError('CONNECT', `connecting to ${address} failed: ${wordsOf(cause, REASONS)}`, {
      phase: 'connect',
      address,
      elapsedMs,
      cause,
    })
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}

/** Asked anew each time: it changes while we wait. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}

/** What the system means, by its code. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'nobody listens there'],
  ['ECONNRESET', 'the connection was reset at once'],
  ['ETIMEDOUT', 'nobody answered'],
  ['EHOSTUNREACH', 'the host cannot be reached'],
  ['ENETUNREACH', 'there is no way to that network'],
  ['EADDRNOTAVAIL', 'we have no such address'],
  ['EACCES', 'the system does not allow it'],
  ['EMFILE', 'this process has no descriptor left'],
  ['ENFILE', 'the system has no descriptor left'],
  ['ENOENT', 'there is no such socket'],
])

function ignore(): void {}
