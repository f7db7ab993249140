import { count, HyperError, time, userError } from '@hyper/core/error'
import type { Alarm, AlarmTarget, Io, IoSink, Runtime } from '@hyper/core/rt'
import { leftoverIo } from '../../connect/proxy/leftover-io.ts'
import { proxiedIo } from './proxied-io.ts'
import { DEFAULT_MAX_SIZE, type ProxyHeader, ProxyHeaderReader } from './proxy-header.ts'
import { TrustedPeers } from './trusted.ts'

// The PROXY protocol on the accepting side. In: streams that were accepted and not started, and whom to believe. Out: the
// same streams behind their header, with the client in place of the proxy. A stream whose header does not come in time, or
// is malformed, is reset: what follows cannot be told from what it is not.

/** Whose word is taken for where a connection comes from (PROXY protocol, versions 1 and 2). */
export interface ProxyProtocolOptions {
  /**
   * Addresses and networks of the proxies: `['10.0.0.0/8', 'fd00::/8']`; `'unix'` for connections without an address. They
   * must send a header, on every connection.
   */
  readonly trusted: readonly string[]
  /**
   * What becomes of connections from elsewhere: `'refuse'` resets them, `'serve'` takes them as they are, and a header of
   * theirs for the garbage that it is. Default `'refuse'`.
   */
  readonly others?: 'refuse' | 'serve' | undefined
  /** Bytes of a header of version 2, its additions among them; at least 232. Default 4,096. */
  readonly maxSize?: number | undefined
  /** Milliseconds for the header; 0, null and Infinity turn it off. Default 10,000. */
  readonly timeout?: number | null | undefined
}

/** Options as connections need them. */
export interface ProxyPlan {
  readonly trusted: TrustedPeers
  readonly servesOthers: boolean
  readonly maxSize: number
  readonly timeout: number
}

/** A header with addresses of unix sockets, the longest of those without additions. */
const LEAST_SIZE = 232
const MOST_SIZE = 16 + 65_535

/** @throws HyperError `INVALID_OPTION` */
export function proxyPlan(options: ProxyProtocolOptions): ProxyPlan {
  if (typeof options !== 'object' || options === null || !Array.isArray(options.trusted))
    throw userError('INVALID_OPTION', 'proxyProtocol needs `trusted`, a list of addresses and networks')
  const { maxSize, others = 'refuse', timeout, trusted } = options
  if (trusted.length === 0) throw userError('INVALID_OPTION', 'proxyProtocol.trusted names nobody')
  if (others !== 'refuse' && others !== 'serve')
    throw userError(
      'INVALID_OPTION',
      `proxyProtocol.others must be 'refuse' or 'serve', not ${String(others)}`,
    )
  return {
    trusted: new TrustedPeers(trusted),
    servesOthers: others === 'serve',
    maxSize: count('proxyProtocol.maxSize', maxSize, DEFAULT_MAX_SIZE, LEAST_SIZE, MOST_SIZE),
    timeout: time('proxyProtocol.timeout', timeout, 10_000),
  }
}

/** What a connection is behind its header; without one where nobody believes its peer, and it is served as it is. */
export interface Proxied {
  /** Paused, or never started. */
  readonly io: Io
  /** Came along with the header. */
  readonly leftover: Uint8Array
  readonly header: ProxyHeader | null
}

/**
 * Reads the header of a stream. Rejects with a HyperError, and the stream is reset: `PROXY` for a header that is malformed or
 * missing and for a peer that is not trusted, `IDLE_TIMEOUT`, `IO`, `INCOMPLETE_MESSAGE`.
 */
export function readProxyHeader(io: Io, plan: ProxyPlan, runtime: Runtime): Promise<Proxied> {
  if (!plan.trusted.has(io.peer.remoteAddress)) {
    if (plan.servesOthers) return Promise.resolve({ io, leftover: NOTHING, header: null })
    io.abort()
    return Promise.reject(failure('PROXY', 'a connection from a peer that is not trusted'))
  }
  return new Reading(io, plan, runtime).promise
}

/**
 * A stream that a proxy may have sent, as a server wants it: behind its header, its peer the client. Rejects as
 * {@link readProxyHeader} does.
 */
export async function acceptProxied(io: Io, plan: ProxyPlan, runtime: Runtime): Promise<Io> {
  return ioBehind(await readProxyHeader(io, plan, runtime), runtime)
}

/** What was behind a header, as one stream. */
export function ioBehind({ header, io, leftover }: Proxied, runtime: Runtime): Io {
  if (header === null) return io
  return proxiedIo(leftover.length === 0 ? io : leftoverIo(io, leftover, runtime), header)
}

const NOTHING = new Uint8Array(0)

function failure(
  code: 'PROXY' | 'IDLE_TIMEOUT' | 'IO' | 'INCOMPLETE_MESSAGE',
  text: string,
  cause?: unknown,
): HyperError {
  return new HyperError(code, text, { by: code === 'IO' ? 'io' : 'peer', phase: 'connect', cause })
}

class Reading implements IoSink, AlarmTarget {
  readonly promise: Promise<Proxied>
  private readonly io: Io
  private readonly reader: ProxyHeaderReader
  private readonly alarm: Alarm | null
  private isOver: boolean
  private resolve!: (proxied: Proxied) => void
  private reject!: (error: HyperError) => void

  constructor(io: Io, plan: ProxyPlan, runtime: Runtime) {
    this.io = io
    this.reader = new ProxyHeaderReader(plan.maxSize)
    this.isOver = false
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
    this.alarm = plan.timeout === Infinity ? null : runtime.timer.alarm(this)
    this.alarm?.move(runtime.clock.now() + plan.timeout)
    io.start(this)
  }

  onData(chunk: Uint8Array): boolean {
    if (this.isOver) return false
    try {
      const { header, used } = this.reader.receive(chunk)
      if (header === null) return false
      this.io.pause()
      this.settle()
      this.resolve({ io: this.io, leftover: chunk.slice(used), header })
    } catch (error) {
      this.fail(error as HyperError)
    }
    return false
  }

  onEnd(): void {
    this.fail(failure('INCOMPLETE_MESSAGE', 'the connection ended inside its PROXY header'))
  }

  onDrain(): void {}

  onWriteError(): void {}

  onClose(error: Error | null): void {
    this.fail(failure('IO', 'the connection was lost inside its PROXY header', error))
  }

  onAlarm(): void {
    this.fail(failure('IDLE_TIMEOUT', 'the PROXY header of a connection was not complete in time'))
  }

  private fail(error: HyperError): void {
    if (this.isOver) return
    this.settle()
    this.io.abort()
    this.reject(error)
  }

  private settle(): void {
    this.isOver = true
    this.alarm?.cancel()
  }
}
