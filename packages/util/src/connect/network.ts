import { type IpAddress, parseIp } from './address.ts'

// Networks: addresses that begin alike. In: text, `10.0.0.0/8`, or a single address. Out: whether an address is within. An IPv4
// address that is mapped into IPv6 (RFC 4291 §2.5.5.2), as sockets of both families show it, counts as what it is.

/** A network, or one address. */
export interface Network {
  readonly bytes: Uint8Array
  /** How many of its bits count. */
  readonly bits: number
}

/** The network that `text` names, without brackets; null when it is none. */
export function parseNetwork(text: string): Network | null {
  const [address = '', length, ...rest] = text.split('/')
  const ip = parseIp(address)
  if (ip === null || rest.length > 0) return null
  const bytes = unmapped(ip)
  const most = bytes.length * 8
  if (length === undefined) return { bytes, bits: most }
  if (!/^\d{1,3}$/.test(length)) return null
  // The length counts from the beginning of what is written, also before an IPv4 address within IPv6.
  const bits = Number(length) - (ip.bytes.length - bytes.length) * 8
  return bits < 0 || bits > most ? null : { bytes, bits }
}

/** Whether an address is within a network. */
export function contains({ bits, bytes }: Network, ip: IpAddress): boolean {
  const address = unmapped(ip)
  if (bytes.length !== address.length) return false
  for (let at = 0; at * 8 < bits; at++) {
    const left = bits - at * 8
    const mask = left >= 8 ? 0xff : (0xff << (8 - left)) & 0xff
    if ((((bytes[at] ?? 0) ^ (address[at] ?? 0)) & mask) !== 0) return false
  }
  return true
}

function unmapped({ bytes }: IpAddress): Uint8Array {
  const isMapped =
    bytes.length === 16 &&
    bytes[10] === 0xff &&
    bytes[11] === 0xff &&
    bytes.subarray(0, 10).every((byte) => byte === 0)
  return isMapped ? bytes.subarray(12) : bytes
}
