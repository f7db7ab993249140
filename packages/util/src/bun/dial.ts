import { userError } from '@hyper/core/error'
import type { Io } from '@hyper/core/rt'
import { hostPort, ipFamily } from '../connect/address.ts'
import { CONNECT_FAILURES } from '../connect/connect-failure-table.ts'
import { Deferred } from '../connect/deferred.ts'
import { canceled, connectError, wordsOf } from '../connect/failure.ts'
import type { DialOptions } from '../node/dial-tcp.ts'
import { bun, type BunPlace, type BunSocketHandler } from './bun-api.ts'
import { BunIo, IO_HANDLERS } from './bun-io.ts'

// dialTcp, dialUnix: one transport to one place, by Bun.connect. In: an address, or a path. Out: an Io, half-open, or why there is
// none. No names, no choice between addresses, no TLS: connectors have those. Bun gives nothing to stop an attempt by: one that is
// given up goes on in the kernel, and is reset should it come to be.

/**
 * Connects to an IP address, without brackets.
 * Rejects with a HyperError: `CONNECT` (`cause` is Bun's error), or `CANCELED`; both `retryable`.
 * @throws HyperError (as a rejection) `INVALID_OPTION` when `address` is a name
 */
export async function dialTcp(address: string, port: number, options: DialOptions = {}): Promise<Io> {
  const family = ipFamily(address)
  if (family === 0) throw userError('INVALID_OPTION', `${address} is no IP address`)
  const local = localAddressOf(options.localAddress, family)
  if (local === null) {
    throw connectError('CONNECT', `there is no localAddress to reach ${address} from`, {
      phase: 'connect',
      address: hostPort(address, port),
    })
  }
  const where: BunPlace = {
    hostname: address,
    port,
    // Bun takes a port of our own only together with an address.
    ...(local === undefined && options.localPort === undefined
      ? {}
      : { localAddress: local ?? (family === 4 ? '0.0.0.0' : '::') }),
    ...(options.localPort === undefined ? {} : { localPort: options.localPort }),
  }
  const io = await new Attempt(where, hostPort(address, port), options.signal).run()
  const { keepAlive, noDelay = true } = options
  // Bun sends small writes at once by itself.
  if (!noDelay) io.socket.setNoDelay(false)
  if (keepAlive != null && keepAlive > 0 && keepAlive !== Infinity) io.socket.setKeepAlive(true, keepAlive)
  return io
}

/** Connects to a unix socket. Rejects as {@link dialTcp}. */
export async function dialUnix(path: string, options: Pick<DialOptions, 'signal'> = {}): Promise<Io> {
  return new Attempt({ unix: path }, path, options.signal).run()
}

/** That of the family; undefined when none is asked for, null when only others are there. */
function localAddressOf(
  given: string | readonly string[] | undefined,
  family: number,
): string | null | undefined {
  if (given === undefined) return undefined
  const addresses = typeof given === 'string' ? [given] : given
  return addresses.find((address) => ipFamily(address) === family) ?? null
}

/** The failure is told by the promise as well. */
const HANDLERS: BunSocketHandler<BunIo | null> = {
  ...(IO_HANDLERS as BunSocketHandler<BunIo | null>),
  connectError() {},
}

class Attempt {
  private readonly where: BunPlace
  private readonly address: string
  private readonly signal: AbortSignal | undefined
  private readonly result: Deferred<BunIo>
  private readonly beganAt: number
  private isOver: boolean

  constructor(where: BunPlace, address: string, signal: AbortSignal | undefined) {
    this.where = where
    this.address = address
    this.signal = signal
    this.result = new Deferred()
    this.beganAt = performance.now()
    this.isOver = false
  }

  run(): Promise<BunIo> {
    if (this.signal?.aborted === true) return Promise.reject(canceled(this.signal, 'connect', this.address))
    this.signal?.addEventListener('abort', this.onAbort)
    const socket: BunSocketHandler<BunIo | null> = {
      ...HANDLERS,
      open: (opened) => {
        const io = new BunIo(opened as BunIo['socket'], false)
        opened.data = io
        if (this.isOver) io.abort()
        else this.settle(() => this.result.resolve(io))
      },
    }
    bun()
      .connect<BunIo | null>({ ...this.where, allowHalfOpen: true, data: null, socket })
      .catch((error: unknown) => this.onError(error as Error))
    return this.result.promise
  }

  private readonly onError = (cause: Error): void => {
    const { address } = this
    const elapsedMs = performance.now() - this.beganAt
    const detail = `connecting to ${address} failed: ${wordsOf(cause, CONNECT_FAILURES)}`
    this.settle(() =>
      this.result.reject(connectError('CONNECT', detail, { phase: 'connect', address, elapsedMs, cause })),
    )
  }

  private readonly onAbort = (): void => {
    const { signal } = this
    if (signal !== undefined) this.settle(() => this.result.reject(canceled(signal, 'connect', this.address)))
  }

  private settle(how: () => void): void {
    if (this.isOver) return
    this.isOver = true
    this.signal?.removeEventListener('abort', this.onAbort)
    how()
  }
}
