import { amount, count, HyperError, time } from '@hyper/core/error'
import type { Io } from '@hyper/core/rt'
import { ipFamily, type SocketAddress } from './address.ts'
import type { ConnectContext, Connector } from './connector.ts'
import { addressOf, type Destination, portOf } from './destination.ts'
import { type Overrides, OverrideTable } from './overrides.ts'
import { addTiming, entersPhase } from './progress.ts'
import { ATTEMPT_DELAY, type Dial, MAX_ADDRESSES, raceAddresses } from './race.ts'
import { lookUp, noAddress, type ResolvedAddress, type Resolver } from './resolver.ts'
import { ensureCanSecure, HANDSHAKE_TIMEOUT, securedIf, type SecureOptions, type Securing } from './secure.ts'

// directConnector: straight to the destination. In: who resolves, who dials, who does TLS. Out: name to addresses, the
// addresses raced, TLS over the one that has won. It knows no platform.

/** What a {@link directConnector} is made of. */
export interface DirectOptions extends SecureOptions {
  readonly resolver: Resolver
  /** Opens one connection to one address. */
  readonly dial: Dial
  /** Addresses that are said rather than looked up. */
  readonly overrides?: Overrides | undefined
  /** Use addresses of this family only. Default: both, that of the resolver's first address before the other. */
  readonly family?: 4 | 6 | undefined
  /** Milliseconds from one attempt to the next (RFC 8305 §5). Default 250. */
  readonly attemptDelay?: number | undefined
  /** Addresses of one name that are tried at most. Default 16. */
  readonly maxAddresses?: number | undefined
}

/**
 * Makes a connector that goes straight to the destination. An address in the URL needs no resolver; a port in the URL wins
 * over one that the resolver names.
 * @throws HyperError `INVALID_OPTION`
 */
export function directConnector(options: DirectOptions): Connector {
  const direct = new Direct(options)
  return (destination, context) => direct.connect(destination, context)
}

class Direct {
  private readonly options: DirectOptions
  private readonly overrides: OverrideTable | null
  private readonly attemptDelay: number
  private readonly maxAddresses: number
  private readonly securing: Securing

  constructor(options: DirectOptions) {
    this.options = options
    this.overrides = options.overrides === undefined ? null : new OverrideTable(options.overrides)
    this.attemptDelay = amount('attemptDelay', options.attemptDelay, ATTEMPT_DELAY, 10)
    this.maxAddresses = count('maxAddresses', options.maxAddresses, MAX_ADDRESSES, 1)
    this.securing = {
      runtime: options.runtime,
      secure: options.secure ?? null,
      timeout: time('handshakeTimeout', options.handshakeTimeout, HANDSHAKE_TIMEOUT),
    }
  }

  async connect(destination: Destination, context: ConnectContext): Promise<Io> {
    ensureCanSecure(destination, this.securing.secure)
    const { attemptDelay, maxAddresses } = this
    const { dial, resolver, runtime } = this.options
    const addresses = await this.addressesOf(destination, context)
    entersPhase(context, 'connect')
    const began = runtime.clock.now()
    const { signal } = context
    let io: Io
    try {
      const name = addressOf(destination)
      io = await raceAddresses(addresses, dial, { runtime, signal, attemptDelay, maxAddresses, name })
    } catch (error) {
      if (noneAnswered(error, signal)) resolver.forget?.(destination.host)
      throw error
    }
    addTiming(context, 'connectMs', runtime.clock.now() - began)
    return securedIf(io, destination, context, this.securing)
  }

  private async addressesOf(
    destination: Destination,
    context: ConnectContext,
  ): Promise<readonly SocketAddress[]> {
    const { host, port } = destination
    const said = this.overrides?.find(host, port)
    const family = ipFamily(host)
    if (said != null) return this.chosen(said, host)
    if (family !== 0) return [{ address: host, family, port }]
    entersPhase(context, 'dns')
    const began = this.options.runtime.clock.now()
    const found = await lookUp(this.options.resolver, host, context.signal)
    addTiming(context, 'dnsMs', this.options.runtime.clock.now() - began)
    return this.chosen(
      found.map((address) => withPort(address, destination)),
      host,
    )
  }

  private chosen(addresses: readonly SocketAddress[], host: string): readonly SocketAddress[] {
    const { family } = this.options
    const usable = family === undefined ? addresses : addresses.filter((one) => one.family === family)
    if (usable.length === 0) throw noAddress(host, `it has no IPv${family ?? ''} address`)
    return usable
  }
}

/** Each address has failed; or none has answered in the time that there was, which is no wish of the caller's. */
function noneAnswered(error: unknown, { reason }: AbortSignal): boolean {
  const why: unknown = error instanceof HyperError && error.isCanceled() ? reason : error
  return why instanceof HyperError && (why.code === 'CONNECT' || why.code === 'CONNECT_TIMEOUT')
}

function withPort({ address, family, port }: ResolvedAddress, destination: Destination): SocketAddress {
  const isDefault = destination.port === portOf(destination.secure)
  return { address, family, port: isDefault && port ? port : destination.port }
}
