import { HyperError } from '@hyper/core/error'
import { ipFamily } from './address.ts'
import { canceled, connectError, textOf } from './failure.ts'

// Resolver: names to addresses. Types, and what every resolver's answer goes through before it is used.

/** One address of a name. */
export interface ResolvedAddress {
  readonly address: string
  readonly family: 4 | 6
  /** Seconds for which the answer may be kept, where the name server has said so. */
  readonly ttl?: number | undefined
  /** A port to use where the URL names none, in place of the scheme's own. */
  readonly port?: number | undefined
}

/** Who knows the addresses of names. Bring your own, or take `nodeResolver` of `@hyper/util/node`. */
export interface Resolver {
  /**
   * The addresses of a name, best first; at least one.
   * Rejects with `DNS` when there are none, and with `CANCELED` when the signal fires.
   */
  resolve(host: string, signal: AbortSignal): Promise<readonly ResolvedAddress[]>
  /** What was given for this name was of no use: nothing of it is to be given again from memory. */
  forget?(host: string): void
}

/** The name has no usable address. */
export function noAddress(host: string, why: string, cause?: unknown): HyperError {
  return connectError('DNS', `the name ${host} could not be resolved: ${why}`, {
    phase: 'dns',
    address: host,
    cause,
  })
}

/**
 * Asks a resolver, and does not wait for one that does not heed the signal.
 * @throws HyperError (as a rejection) `DNS`, `CANCELED`
 */
export function lookUp(
  resolver: Resolver,
  host: string,
  signal: AbortSignal,
): Promise<readonly ResolvedAddress[]> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(canceled(signal, 'dns', host))
    if (signal.aborted) {
      onAbort()
      return
    }
    signal.addEventListener('abort', onAbort)
    const settle = (): void => signal.removeEventListener('abort', onAbort)
    asked(resolver, host, signal).then(
      (addresses) => {
        settle()
        if (addresses.length === 0) reject(noAddress(host, 'it has no address'))
        else resolve(addresses)
      },
      (error: unknown) => {
        settle()
        reject(error instanceof HyperError ? error : noAddress(host, textOf(error), error))
      },
    )
  })
}

async function asked(
  resolver: Resolver,
  host: string,
  signal: AbortSignal,
): Promise<readonly ResolvedAddress[]> {
  const addresses: unknown = await resolver.resolve(host, signal)
  if (!isListOfAddresses(addresses)) throw new TypeError('its resolver gave no list of { address, family }')
  const wrong = addresses.find(({ address, family }) => ipFamily(address) !== family)
  if (wrong !== undefined) throw new TypeError(`${wrong.address} is no IPv${wrong.family} address`)
  return addresses
}

function isListOfAddresses(given: unknown): given is readonly ResolvedAddress[] {
  return (
    Array.isArray(given) &&
    given.every((one: Partial<ResolvedAddress> | null) => typeof one?.address === 'string')
  )
}
