import { parseIp, unbracketed } from '../address.ts'
import { contains, type Network, parseNetwork } from '../network.ts'

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
    const name = withoutEndDot(host.toLowerCase())
    return this.entries.some((entry) => {
      if (entry.port !== 0 && entry.port !== port) return false
      if (ip !== null) return entry.network !== null && contains(entry.network, ip)
      return entry.name !== null && (name === entry.name || name.endsWith(`.${entry.name}`))
    })
  }
}

function parseEntry(word: string): Entry {
  const whole = networkOf(word)
  if (whole !== null) return { name: null, network: whole, port: 0 }
  const [, before = word, digits] = /^(.*):(\d{1,5})$/.exec(word) ?? []
  const port = digits === undefined ? 0 : Number(digits)
  const network = networkOf(before)
  if (network !== null) return { name: null, network, port }
  const name = withoutEndDot(before.toLowerCase().replace(/^\*?\./, ''))
  return { name: name === '' ? null : name, network: null, port }
}

/** In brackets or without. */
function networkOf(word: string): Network | null {
  const [address = '', ...length] = word.split('/')
  return parseNetwork([unbracketed(address), ...length].join('/'))
}

function withoutEndDot(name: string): string {
  return name.endsWith('.') ? name.slice(0, -1) : name
}
