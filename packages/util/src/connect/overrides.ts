import { userError } from '@hyper/core/error'
import { ipFamily, type SocketAddress, unbracketed } from './address.ts'

// Overrides: addresses that are said rather than looked up. In: names, or names with a port, and their addresses. Out: what
// to connect to instead, or null. Read once; a mistake is told then.

/**
 * Addresses by name, or by name and port (`'example.org:443'`), which wins. An address may have a port of its own
 * (`'127.0.0.1:8443'`, `'[::1]:8443'`); without one the port of the destination stays.
 */
export type Overrides = Readonly<Record<string, string | readonly string[]>>

/** Overrides, read. */
export class OverrideTable {
  private readonly places: Map<string, readonly Place[]>

  /** @throws HyperError `INVALID_OPTION` */
  constructor(overrides: Overrides) {
    this.places = new Map()
    for (const [name, given] of Object.entries(overrides)) {
      const addresses = typeof given === 'string' ? [given] : given
      if (addresses.length === 0) throw userError('INVALID_OPTION', `overrides: ${name} has no address`)
      this.places.set(
        unbracketed(name.toLowerCase()),
        addresses.map((address) => placeOf(name, address)),
      )
    }
  }

  /** Where to connect to instead; null when nothing is said of this destination. */
  find(host: string, port: number): readonly SocketAddress[] | null {
    const name = host.toLowerCase()
    const found =
      this.places.get(`${name}:${port}`) ?? this.places.get(`[${name}]:${port}`) ?? this.places.get(name)
    return found?.map((place) => ({ ...place, port: place.port ?? port })) ?? null
  }
}

interface Place {
  readonly address: string
  readonly family: 4 | 6
  readonly port: number | null
}

function placeOf(name: string, text: string): Place {
  const family = ipFamily(unbracketed(text))
  if (family !== 0) return { address: unbracketed(text), family, port: null }
  const [, host = '', digits = ''] = /^(.*):(\d{1,5})$/.exec(text) ?? []
  const address = unbracketed(host)
  const [port, ofHost] = [Number(digits), ipFamily(address)]
  if (ofHost === 0 || port === 0 || port > 65_535) {
    throw userError('INVALID_OPTION', `overrides: ${text} for ${name} is no IP address`)
  }
  return { address, family: ofHost, port }
}
