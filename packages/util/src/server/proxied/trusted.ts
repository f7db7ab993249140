import { userError } from '@hyper/core/error'
import { parseIp } from '../../connect/address.ts'
import { contains, type Network, parseNetwork } from '../../connect/network.ts'

// Whom one believes. In: addresses and networks, as text. Out: whether an address is among them.

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
    return ip !== null && this.networks.some((network) => contains(network, ip))
  }
}

function networkOf(entry: unknown): Network {
  // A zone would count for nothing, and more peers be trusted than were meant.
  const network = typeof entry === 'string' && !entry.includes('%') ? parseNetwork(entry) : null
  if (network !== null) return network
  throw userError('INVALID_OPTION', `proxyProtocol.trusted: '${String(entry)}' is no address or network`)
}
