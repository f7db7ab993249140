import { HyperError, time, userError } from '@hyper/core/error'
import type { Io, Runtime } from '@hyper/core/rt'
import { type ConnectContext, type Connector, PROXY } from '../connector.ts'
import { withDeadline } from '../deadline.ts'
import { addressOf, type Destination } from '../destination.ts'
import { connectError } from '../failure.ts'
import { addTiming, entersPhase } from '../progress.ts'
import {
  ensureCanSecure,
  HANDSHAKE_TIMEOUT,
  securedIf,
  type SecureOptions,
  type Securing,
} from '../secure.ts'
import type { HandshakeFault, ProxyHandshake } from './handshake.ts'
import { parseProxy, type ProxyScheme, type ProxyServer } from './proxy-server.ts'
import { runHandshake } from './run-handshake.ts'

// What all proxies share: connect to the proxy, ask it for the way, then TLS to the destination where that is wanted. In:
// a connector that reaches the proxy, TLS to the proxy included. Out: a connector that reaches anything.

/** What every layer for a proxy takes. */
export interface ProxyOptions extends SecureOptions {
  /** Clock, timers, and what runs when a turn ends. */
  readonly runtime: Pick<Runtime, 'clock' | 'timer' | 'defer'>
}

/** The way through one proxy. */
export class ProxyPath {
  readonly server: ProxyServer
  private readonly inner: Connector
  private readonly runtime: ProxyOptions['runtime']
  private readonly securing: Securing

  constructor(server: ProxyServer, inner: Connector, options: ProxyOptions) {
    this.server = server
    this.inner = inner
    this.runtime = options.runtime
    this.securing = {
      runtime: options.runtime,
      secure: options.secure ?? null,
      timeout: time('handshakeTimeout', options.handshakeTimeout, HANDSHAKE_TIMEOUT),
    }
  }

  /** Throws where plain text would go where TLS was asked for. */
  ensureCanSecure(destination: Destination): void {
    ensureCanSecure(destination, this.securing.secure)
  }

  /** A stream to the proxy itself. */
  async reach(context: ConnectContext): Promise<Io> {
    try {
      const io = await this.inner(this.server.destination, context)
      context.info.set(PROXY, this.server.url)
      return io
    } catch (error) {
      throw error instanceof HyperError && !error.isUser() ? this.unreached(error) : error
    }
  }

  /**
   * One conversation over one stream to the proxy.
   * @returns the fault when the proxy gives no way
   */
  async ask(handshake: ProxyHandshake, destination: Destination, context: ConnectContext): Promise<Asked> {
    const io = await this.reach(context)
    entersPhase(context, 'connect')
    const { runtime, timeout } = this.securing
    const began = runtime.clock.now()
    const name = addressOf(destination)
    let fault: HandshakeFault | null = null
    try {
      const made = await withDeadline(
        { runtime, timeout, signal: context.signal },
        async (signal) => {
          const result = await runHandshake(io, handshake, signal, this.runtime, name)
          if (result.io !== null) return result.io
          fault = result.fault
          throw this.refused(result.fault, destination, runtime.clock.now() - began)
        },
        () => this.expired(destination),
      )
      addTiming(context, 'proxyMs', runtime.clock.now() - began)
      return { io: made, error: null, fault }
    } catch (error) {
      if (fault === null || !(error instanceof HyperError)) throw error
      return { io: null, error, fault }
    }
  }

  /** TLS to the destination, where it wants that. */
  secured(io: Io, destination: Destination, context: ConnectContext): Promise<Io> {
    return securedIf(io, destination, context, this.securing)
  }

  private unreached(error: HyperError): HyperError {
    return connectError(error.code, `the proxy ${this.server.url} was not reached: ${error.message}`, {
      by: error.by,
      phase: error.phase ?? 'connect',
      address: this.server.destination.authority,
      elapsedMs: error.elapsedMs ?? undefined,
      cause: error,
    })
  }

  private refused(fault: HandshakeFault, destination: Destination, elapsedMs: number): HyperError {
    const { url } = this.server
    return connectError(
      'PROXY',
      `the proxy ${url} gave no way to ${addressOf(destination)}: ${fault.detail}`,
      {
        by: 'peer',
        phase: 'connect',
        address: this.server.destination.authority,
        elapsedMs,
        reason: fault.status === 0 ? undefined : String(fault.status),
        cause: fault.cause,
      },
    )
  }

  private expired(destination: Destination): HyperError {
    const { timeout } = this.securing
    const detail = `the proxy ${this.server.url} gave no way to ${addressOf(destination)} within ${timeout} ms`
    return connectError('CONNECT_TIMEOUT', detail, {
      by: 'peer',
      phase: 'connect',
      address: this.server.destination.authority,
      elapsedMs: timeout,
    })
  }
}

/** What a conversation came to. */
export type Asked =
  | { readonly io: Io; readonly error: null; readonly fault: null }
  | { readonly io: null; readonly error: HyperError; readonly fault: HandshakeFault }

/** A proxy that speaks one of `schemes`. @throws HyperError `INVALID_OPTION` */
export function proxyOf(proxy: string | URL | ProxyServer, ...schemes: readonly ProxyScheme[]): ProxyServer {
  const server = typeof proxy === 'string' || proxy instanceof URL ? parseProxy(proxy) : proxy
  if (!schemes.includes(server.scheme)) {
    throw userError('INVALID_OPTION', `${server.url} is no proxy of the kind ${schemes.join(' or ')}`)
  }
  return server
}
