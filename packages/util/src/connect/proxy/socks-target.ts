import { parseIp } from '../address.ts'

// Where a SOCKS proxy is asked to connect to: an address as bytes, or a name as bytes.

/** An address of 4 or 16 bytes, or (family 0) a name. */
export interface SocksTarget {
  readonly family: 0 | 4 | 6
  readonly bytes: Uint8Array
  readonly port: number
}

/** A host as it stands in a destination. */
export function socksTarget(host: string, port: number): SocksTarget {
  const ip = parseIp(host)
  if (ip === null) return { family: 0, bytes: new TextEncoder().encode(host), port }
  return { ...ip, port }
}
