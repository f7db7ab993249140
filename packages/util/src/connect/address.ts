// Addresses: in comes text, out come the family and the bytes of an IP address, or null for what is a name. IPv4 is read
// strictly, four decimal parts without leading zeros: what one reader takes for octal goes elsewhere for another.

/** An IP address as bytes in network order: 4 of them, or 16. */
export interface IpAddress {
  readonly family: 4 | 6
  readonly bytes: Uint8Array
}

/** One place to connect to. */
export interface SocketAddress {
  /** An IP address, without brackets. */
  readonly address: string
  readonly family: 4 | 6
  readonly port: number
}

/** The address that `text` is, without brackets; null when it is none. A zone (`%eth0`) is left out. */
export function parseIp(text: string): IpAddress | null {
  const bytes = text.includes(':') ? parseIpv6(text) : parseIpv4(text)
  return bytes === null ? null : { family: bytes.length === 4 ? 4 : 6, bytes: Uint8Array.from(bytes) }
}

/** The family of the address that `host` is; 0 for a name. */
export function ipFamily(host: string): 0 | 4 | 6 {
  return parseIp(host)?.family ?? 0
}

/** As an authority writes them: brackets around an IPv6 address. */
export function hostPort(host: string, port: number): string {
  return `${bracketed(host)}:${port}`
}

/** A host as a URL writes it. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

/** Takes the brackets off an IPv6 address. */
export function unbracketed(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
}

function parseIpv4(text: string): number[] | null {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every(isOctet)) return null
  return parts.map(Number)
}

function isOctet(part: string): boolean {
  return /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255
}

function parseIpv6(text: string): number[] | null {
  const zone = text.indexOf('%')
  if (zone === text.length - 1) return null
  const halves = (zone < 0 ? text : text.slice(0, zone)).split('::')
  const [head = '', tail] = halves
  if (tail === undefined) return onlyIf(groupsOf(head, true), 16)
  if (halves.length > 2) return null
  const [left, right] = [groupsOf(head, false), groupsOf(tail, true)]
  // `::` stands for one group at least.
  if (left === null || right === null || left.length + right.length > 14) return null
  return [...left, ...Array<number>(16 - left.length - right.length).fill(0), ...right]
}

/** The bytes of groups between single colons; null when one is malformed. */
function groupsOf(half: string, mayEndInIpv4: boolean): number[] | null {
  const bytes: number[] = []
  if (half === '') return bytes
  const groups = half.split(':')
  for (const [index, group] of groups.entries()) {
    const isLast = index === groups.length - 1
    const ipv4 = mayEndInIpv4 && isLast && group.includes('.') ? parseIpv4(group) : null
    if (ipv4 !== null) bytes.push(...ipv4)
    else if (!/^[\da-f]{1,4}$/i.test(group)) return null
    else {
      const value = Number.parseInt(group, 16)
      bytes.push(value >> 8, value & 0xff)
    }
  }
  return bytes
}

function onlyIf(bytes: number[] | null, length: number): number[] | null {
  return bytes !== null && bytes.length === length ? bytes : null
}
