import { type IpAddress, parseIp, unbracketed } from '../address.ts'

// NO_PROXY: what is reached without a proxy. In: entries between commas or spaces. Out: whether a host and port is among
// them. Nothing is looked up: addresses are compared with hosts that are addresses, names with names.
//
//   *                              everything
//   example.org  .example.org      that name and every name below it, with or without a dot (`*.` means the same)
//   10.0.0.7  ::1  10.0.0.0/8      an address, a network
//   …:8080                         of that port only; an IPv6 address stands in brackets then

interface Entry {
  /** Null when it is no name. */
  readonly name: string | null
  readonly network: Network | null
  /** 0 for every port. */
  readonly port: number
}

interface Network {
  readonly bytes: Uint8Array
  readonly bits: number
}

/** A list of hosts that are reached directly. */
export class NoProxy {
  private readonly entries: readonly Entry[]
  private readonly isEverything: boolean

  /** Entries that make no sense match nothing. */
  constructor(text: string) {
    const words = text.split(/[\s,]+/).filter((word) => word !== '')
    this.isEverything = words.includes('*')
    this.entries = words.map(parseEntry)
  }

  /** @param host a name, or an address without brackets */
  matches(host: string, port: number): boolean {
    if (this.isEverything) return true
    const ip = parseIp(host)
    const bytes = ip === null ? null : unmapped(ip)
    const name = withoutEndDot(host.toLowerCase())
    return this.entries.some((entry) => {
      if (entry.port !== 0 && entry.port !== port) return false
      if (bytes !== null) return entry.network !== null && contains(entry.network, bytes)
      return entry.name !== null && (name === entry.name || name.endsWith(`.${entry.name}`))
    })
  }
}

function parseEntry(word: string): Entry {
  const whole = parseNetwork(word)
  if (whole !== null) return { name: null, network: whole, port: 0 }
  const [, before = word, digits] = /^(.*):(\d{1,5})$/.exec(word) ?? []
  const port = digits === undefined ? 0 : Number(digits)
  const network = parseNetwork(before)
  if (network !== null) return { name: null, network, port }
  const name = withoutEndDot(before.toLowerCase().replace(/^\*?\./, ''))
  return { name: name === '' ? null : name, network: null, port }
}

function parseNetwork(text: string): Network | null {
  const [address = '', length, ...rest] = text.split('/')
  const ip = parseIp(unbracketed(address))
  if (ip === null || rest.length > 0) return null
  const bytes = unmapped(ip)
  const most = bytes.length * 8
  if (length === undefined) return { bytes, bits: most }
  if (!/^\d{1,3}$/.test(length)) return null
  // The length counts from the beginning of what is written, also before an IPv4 address within IPv6.
  const bits = Number(length) - (ip.bytes.length - bytes.length) * 8
  return bits < 0 || bits > most ? null : { bytes, bits }
}

function contains({ bits, bytes }: Network, other: Uint8Array): boolean {
  if (bytes.length !== other.length) return false
  for (let at = 0; at * 8 < bits; at++) {
    const mask = bits - at * 8 >= 8 ? 0xff : (0xff << (8 - (bits - at * 8))) & 0xff
    if (((bytes[at] ?? 0) ^ (other[at] ?? 0)) & mask) return false
  }
  return true
}

/** `::ffff:10.0.0.1` is 10.0.0.1 (RFC 4291 §2.5.5.2). */
function unmapped({ bytes }: IpAddress): Uint8Array {
  const isMapped =
    bytes.length === 16 &&
    bytes[10] === 0xff &&
    bytes[11] === 0xff &&
    bytes.subarray(0, 10).every((byte) => byte === 0)
  return isMapped ? bytes.subarray(12) : bytes
}

function withoutEndDot(name: string): string {
  return name.endsWith('.') ? name.slice(0, -1) : name
}
