import { userError } from '@hyper/core/error'
import type { Io } from '@hyper/core/rt'
import { connect, isIP, type NetConnectOpts, type Socket } from 'node:net'
import { hostPort } from '../connect/address.ts'
import { CONNECT_FAILURES } from '../connect/connect-failure-table.ts'
import { Deferred } from '../connect/deferred.ts'
import { canceled, connectError, wordsOf } from '../connect/failure.ts'
import { isNode } from './hidden-reset.ts'
import { nodeIo, takeRead } from './node-io.ts'
import { sharedReads } from './shared-reads.ts'

// dialTcp, dialUnix: one transport to one place. In: an address, or a path. Out: an Io, half-open, or why there is none.
// No names, no choice between addresses, no TLS: connectors have those.

/** What a TCP connection is made with. */
export interface TcpOptions {
  /** Sends small writes at once (TCP_NODELAY). Default true: drivers gather what they write. */
  readonly noDelay?: boolean | undefined
  /** Milliseconds of silence after which the system asks whether the peer is still there. Default off: null, 0. */
  readonly keepAlive?: number | null | undefined
  /** Our own address; a list may have one of each family, and that of the destination's is taken. */
  readonly localAddress?: string | readonly string[] | undefined
  /** Our own port. Default: any that is free. */
  readonly localPort?: number | undefined
}

/** How {@link dialTcp} and {@link dialUnix} can be given up. */
export interface DialOptions extends TcpOptions {
  /** Gives the attempt up: `CANCELED`. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Connects to an IP address, without brackets.
 * Rejects with a HyperError: `CONNECT` (`cause` is Node's error), or `CANCELED`; both `retryable`.
 * @throws HyperError (as a rejection) `INVALID_OPTION` when `address` is a name
 */
export async function dialTcp(address: string, port: number, options: DialOptions = {}): Promise<Io> {
  const family = isIP(address)
  if (family === 0) throw userError('INVALID_OPTION', `${address} is no IP address`)
  const { keepAlive, localPort, noDelay = true, signal } = options
  const local = localAddressOf(options.localAddress, family)
  if (local === null) {
    throw connectError('CONNECT', `there is no localAddress to reach ${address} from`, {
      phase: 'connect',
      address: hostPort(address, port),
    })
  }
  const where: NetConnectOpts = {
    host: address,
    port,
    family,
    allowHalfOpen: true,
    ...READS,
    noDelay,
    ...(keepAlive == null || keepAlive <= 0 || keepAlive === Infinity
      ? {}
      : { keepAlive: true, keepAliveInitialDelay: keepAlive }),
    ...(local === undefined ? {} : { localAddress: local }),
    ...(localPort === undefined ? {} : { localPort }),
  }
  return new SocketAttempt(where, hostPort(address, port), signal).run()
}

/** Connects to a unix socket, or to a named pipe on Windows. Rejects as {@link dialTcp}. */
export async function dialUnix(path: string, options: Pick<DialOptions, 'signal'> = {}): Promise<Io> {
  return new SocketAttempt({ path, allowHalfOpen: true, ...READS }, path, options.signal).run()
}

/** That of the family; undefined when none is asked for, null when only others are there. */
function localAddressOf(
  given: string | readonly string[] | undefined,
  family: number,
): string | null | undefined {
  if (given === undefined) return undefined
  const addresses = typeof given === 'string' ? [given] : given
  return addresses.find((address) => isIP(address) === family) ?? null
}

class SocketAttempt {
  private readonly where: NetConnectOpts
  private readonly address: string
  private readonly signal: AbortSignal | undefined
  private readonly result: Deferred<Io>
  private readonly beganAt: number
  private socket: Socket | null

  constructor(where: NetConnectOpts, address: string, signal: AbortSignal | undefined) {
    this.where = where
    this.address = address
    this.signal = signal
    this.result = new Deferred()
    this.beganAt = performance.now()
    this.socket = null
  }

  run(): Promise<Io> {
    if (this.signal?.aborted === true) return Promise.reject(canceled(this.signal, 'connect', this.address))
    const socket = connect(this.where)
    this.socket = socket
    socket.once('connect', this.onConnect)
    socket.once('error', this.onError)
    this.signal?.addEventListener('abort', this.onAbort)
    return this.result.promise
  }

  private readonly onConnect = (): void => {
    const { socket } = this
    this.settle()
    if (socket !== null) this.result.resolve(nodeIo(socket))
  }

  private readonly onError = (cause: Error): void => {
    const { address } = this
    const elapsedMs = performance.now() - this.beganAt
    this.settle()
    const detail = `connecting to ${address} failed: ${wordsOf(cause, CONNECT_FAILURES)}`
    this.result.reject(connectError('CONNECT', detail, { phase: 'connect', address, elapsedMs, cause }))
  }

  private readonly onAbort = (): void => {
    const { signal, socket } = this
    this.settle()
    if (socket === null || signal === undefined) return
    // Errors of a socket that is given up have nobody to go to.
    socket.on('error', ignore)
    socket.destroy()
    this.result.reject(canceled(signal, 'connect', this.address))
  }

  private settle(): void {
    this.socket?.off('connect', this.onConnect)
    this.socket?.off('error', this.onError)
    this.socket = null
    this.signal?.removeEventListener('abort', this.onAbort)
  }
}

/** What has to look like Node elsewhere does not tell the callback whose read it is. */
const READS: Pick<NetConnectOpts, 'onread'> = isNode ? { onread: sharedReads(takeRead) } : {}

function ignore(): void {}
