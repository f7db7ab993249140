// AddressCounts: how many connections each client has, so that one alone cannot take all there are. In: addresses as the
// platform writes them. It keeps nothing of a client that has no connection, and knows nothing of connections.

/** Counts up to a maximum for each client. */
export class AddressCounts {
  private readonly max: number
  private readonly counts: Map<string, number>

  constructor(max: number) {
    this.max = max
    this.counts = new Map()
  }

  /** One more of `client`; false, and nothing is counted, when it has as many as it may. */
  enter(client: string): boolean {
    const count = this.counts.get(client) ?? 0
    if (count >= this.max) return false
    this.counts.set(client, count + 1)
    return true
  }

  /** One less. */
  leave(client: string): void {
    const count = this.counts.get(client) ?? 0
    if (count > 1) this.counts.set(client, count - 1)
    else this.counts.delete(client)
  }
}

/**
 * Whose address it is. An IPv6 client commonly has a whole /64 to itself (RFC 6177) and could come from another address
 * of it each time: its first four groups count. An IPv4 address counts as it is, also where it is mapped into IPv6.
 */
export function clientOf(address: string): string {
  if (!address.includes(':')) return address
  if (address.includes('.')) return address.slice(address.lastIndexOf(':') + 1)
  const [before = '', after] = (address.split('%')[0] ?? '').split('::')
  const head = groupsOf(before)
  const tail = after === undefined ? [] : groupsOf(after)
  const zeros = new Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0')
  return [...head, ...zeros, ...tail].slice(0, 4).join(':')
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':')
}
