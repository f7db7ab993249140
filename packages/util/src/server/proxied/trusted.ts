import { userError } from '@hyper/core/error'
import { type IpAddress, parseIp } from '../../connect/address.ts'

// Whom one believes. In: addresses and networks, as text. Out: whether an address is among them. An IPv4 address that is
// mapped into IPv6, as sockets of both families show it, counts as what it is.

interface Network {
  readonly bytes: Uint8Array
  /** How many of its bits count. */
  readonly bits: number
}

/** Peers that may say for whom they speak. */
export class TrustedPeers {
  private readonly networks: readonly Network[]
  private readonly hasUnix: boolean

  /**
   * @param entries `'10.1.2.3'`, `'10.0.0.0/8'`, `'fd00::/8'`, or `'unix'` for peers without an address
   * @throws HyperError `INVALID_OPTION`
   */
  constructor(entries: readonly string[]) {
    this.hasUnix = entries.includes('unix')
    this.networks = entries.filter((entry) => entry !== 'unix').map(networkOf)
  }

  has(address: string | undefined): boolean {
    if (address === undefined) return this.hasUnix
    const ip = parseIp(address)
    if (ip === null) return false
    const bytes = unmapped(ip)
    return this.networks.some((network) => isWithin(bytes, network))
  }
}

function networkOf(entry: unknown): Network {
  const [text = '', length, ...rest] = typeof entry === 'string' ? entry.split('/') : []
  const ip = parseIp(text)
  const wrong = userError(
    'INVALID_OPTION',
    `proxyProtocol.trusted: '${String(entry)}' is no address or network`,
  )
  if (ip === null || rest.length > 0 || text.includes('%')) throw wrong
  const bits = length === undefined ? ip.bytes.length * 8 : Number(length)
  if (length !== undefined && (!/^\d{1,3}$/.test(length) || bits > ip.bytes.length * 8)) throw wrong
  const bytes = unmapped(ip)
  // Peers are compared without their mapping, of which a network may have some bits, or all and more.
  if (bytes === ip.bytes || bits < MAPPING) return { bytes: ip.bytes, bits }
  return { bytes, bits: bits - MAPPING }
}

/** Bits of `::ffff:0:0/96`. */
const MAPPING = 96

function isWithin(address: Uint8Array, { bits, bytes }: Network): boolean {
  if (address.length !== bytes.length) return false
  for (let left = bits, i = 0; left > 0; left -= 8, i++) {
    const mask = left >= 8 ? 0xff : (0xff << (8 - left)) & 0xff
    if ((((address[i] ?? 0) ^ (bytes[i] ?? 0)) & mask) !== 0) return false
  }
  return true
}

function unmapped({ bytes }: IpAddress): Uint8Array {
  const isMapped =
    bytes.length === 16 &&
    bytes.subarray(0, 10).every((byte) => byte === 0) &&
    bytes[10] === 0xff &&
    bytes[11] === 0xff
  return isMapped ? bytes.subarray(12) : bytes
}
