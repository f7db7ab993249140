import { HyperError } from '@hyper/core/error'
import { parseIp } from '../../connect/address.ts'
import { checkCrc32c } from './crc32c.ts'

// The header of the PROXY protocol, versions 1 and 2 (haproxy.org, proxy-protocol.txt): by whom a connection comes, said by
// the proxy before anything else. In: the first bytes of a connection, in whatever pieces. Out: what the header says, and
// where it ends. Without IO. It reads no byte past the header, and holds no more of it than its limit.

/** One addition of a header of version 2. */
export interface ProxyTlv {
  /** `PP2_TYPE_…`: 0x02 is the name that the client has asked for, 0x20 what the proxy knows of its TLS. */
  readonly type: number
  readonly value: Uint8Array
}

/** What the proxy says of the connection. */
export interface ProxyHeader {
  readonly version: 1 | 2
  /**
   * False: the proxy speaks for itself (LOCAL: a health check), or does not know the client (UNKNOWN, UNSPEC). There are no
   * addresses then.
   */
  readonly isProxied: boolean
  /** The client's address, as the proxy sees it. */
  readonly remoteAddress?: string | undefined
  readonly remotePort?: number | undefined
  /** The address that the client has connected to. */
  readonly localAddress?: string | undefined
  readonly localPort?: number | undefined
  /** In order; empty for version 1. */
  readonly tlvs: readonly ProxyTlv[]
}

/** Bytes of the longest line of version 1, CR LF and all (§2.1). */
const V1_LONGEST = 107
/** Bytes of version 2 up to the addresses (§2.2). */
const V2_HEAD = 16
/** Additions of one header: the format allows thousands of empty ones. */
const MOST_TLVS = 64
/** Bytes of a header of version 2, where nothing else is said. Stops a peer from having 64 KiB held for each connection. */
export const DEFAULT_MAX_SIZE = 4_096

const SIGNATURE = Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a, 0, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a)
const V1_START = Uint8Array.from('PROXY ', (letter) => letter.charCodeAt(0))

/** Reads one header. */
export class ProxyHeaderReader {
  private readonly maxSize: number
  private bytes: Uint8Array
  private size: number
  /** How many bytes there must be before it is worth looking again. */
  private wanted: number

  /** @param maxSize bytes of a header of version 2; longer ones are an error. Default 4,096 */
  constructor(maxSize: number = DEFAULT_MAX_SIZE) {
    this.maxSize = maxSize
    this.bytes = new Uint8Array(256)
    this.size = 0
    this.wanted = 1
  }

  /**
   * Takes bytes of the header out of `chunk`, never more.
   * @returns how many were taken, and the header once it is complete
   * @throws HyperError `PROXY`: there is no header, or it is malformed
   */
  receive(chunk: Uint8Array): { readonly used: number; readonly header: ProxyHeader | null } {
    let used = 0
    for (;;) {
      const taken = Math.min(this.wanted - this.size, chunk.length - used)
      this.add(chunk.subarray(used, used + taken))
      used += taken
      if (this.size < this.wanted) return { used, header: null }
      const header = this.bytes[0] === SIGNATURE[0] ? this.version2() : this.version1()
      if (header !== null) return { used, header }
    }
  }

  private add(bytes: Uint8Array): void {
    if (this.size + bytes.length > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.wanted, 2 * this.bytes.length))
      larger.set(this.bytes.subarray(0, this.size))
      this.bytes = larger
    }
    this.bytes.set(bytes, this.size)
    this.size += bytes.length
  }

  // One byte after the other, since nothing but its end says how long it is; it has 107 at most.
  private version1(): ProxyHeader | null {
    const { bytes, size } = this
    const last = bytes[size - 1] ?? 0
    if (size <= V1_START.length) {
      if (last !== V1_START[size - 1]) throw malformed('there is no PROXY header')
    } else if (last === LF) {
      if (bytes[size - 2] !== CR) throw malformed('its line does not end in CR LF')
      return parseLine(String.fromCharCode(...bytes.subarray(0, size - 2)))
    } else if (bytes[size - 2] === CR) throw malformed('a CR within its line')
    if (size >= V1_LONGEST) throw malformed(`its line is longer than ${V1_LONGEST} bytes`)
    this.wanted = size + 1
    return null
  }

  private version2(): ProxyHeader | null {
    const { bytes, size } = this
    if (size <= SIGNATURE.length) {
      if (bytes[size - 1] !== SIGNATURE[size - 1]) throw malformed('there is no PROXY header')
      this.wanted = size < SIGNATURE.length ? size + 1 : V2_HEAD
      return null
    }
    if (size === V2_HEAD) {
      checkHead(bytes)
      this.wanted = V2_HEAD + uint16(bytes, 14)
      if (this.wanted > this.maxSize) throw malformed(`it is longer than ${this.maxSize} bytes`)
      if (this.wanted > size) return null
    }
    return parseBlock(bytes.slice(0, size))
  }
}

const CR = 0x0d
const LF = 0x0a

// ------------------------------------------------------------------ version 1

function parseLine(line: string): ProxyHeader {
  const words = line.split(' ')
  const [, protocol, from = '', to = '', fromPort = '', toPort = ''] = words
  // Whatever follows UNKNOWN is to be ignored (§2.1).
  if (protocol === 'UNKNOWN') return { version: 1, isProxied: false, tlvs: [] }
  const family = protocol === 'TCP4' ? 4 : protocol === 'TCP6' ? 6 : 0
  if (family === 0) throw malformed('its protocol is none of TCP4, TCP6 and UNKNOWN')
  if (words.length !== 6) throw malformed('its line has not six words')
  return {
    version: 1,
    isProxied: true,
    remoteAddress: address(from, family),
    remotePort: port(fromPort),
    localAddress: address(to, family),
    localPort: port(toPort),
    tlvs: [],
  }
}

function address(text: string, family: 4 | 6): string {
  const ip = text.includes('%') ? null : parseIp(text)
  if (ip === null || ip.family !== family) throw malformed(`an address that is not of IPv${family}`)
  return showIp(ip.bytes)
}

function port(text: string): number {
  if (!/^(?:0|[1-9]\d{0,4})$/.test(text) || Number(text) > 65_535) throw malformed('a port that is none')
  return Number(text)
}

// ------------------------------------------------------------------ version 2

const LOCAL = 0
const PROXY = 1
const UNSPEC = 0x00
const TCP4 = 0x11
const TCP6 = 0x21
const UNIX_STREAM = 0x31
/** Bytes of the addresses, by what is proxied. */
const ADDRESS_SIZES: ReadonlyMap<number, number> = new Map([
  [UNSPEC, 0],
  [TCP4, 12],
  [TCP6, 36],
  [UNIX_STREAM, 216],
])

function checkHead(bytes: Uint8Array): void {
  const [command, family] = [bytes[12] ?? 0, bytes[13] ?? 0]
  if (command >> 4 !== 2) throw malformed('its version is neither 1 nor 2')
  if ((command & 0xf) > PROXY) throw malformed('its command is neither LOCAL nor PROXY')
  // A proxy that speaks for itself may say anything of the addresses (§2.2).
  if ((command & 0xf) === PROXY && !ADDRESS_SIZES.has(family))
    throw malformed('what is proxied is no stream of a known family')
}

function parseBlock(bytes: Uint8Array): ProxyHeader {
  const isLocal = ((bytes[12] ?? 0) & 0xf) === LOCAL
  const family = bytes[13] ?? 0
  const size = ADDRESS_SIZES.get(family)
  const none = { version: 2, isProxied: false } as const
  if (size === undefined) return { ...none, tlvs: [] }
  const at = V2_HEAD
  if (bytes.length < at + size) {
    if (isLocal) return { ...none, tlvs: [] }
    throw malformed('it is too short for its addresses')
  }
  const tlvs = parseTlvs(bytes, at + size)
  if (isLocal || family === UNSPEC) return { ...none, tlvs }
  if (family === UNIX_STREAM) return { version: 2, isProxied: true, tlvs }
  const half = family === TCP4 ? 4 : 16
  return {
    version: 2,
    isProxied: true,
    remoteAddress: showIp(bytes.subarray(at, at + half)),
    remotePort: uint16(bytes, at + 2 * half),
    localAddress: showIp(bytes.subarray(at + half, at + 2 * half)),
    localPort: uint16(bytes, at + 2 * half + 2),
    tlvs,
  }
}

const CRC32C = 0x03

function parseTlvs(bytes: Uint8Array, from: number): ProxyTlv[] {
  const tlvs: ProxyTlv[] = []
  for (let at = from; at < bytes.length;) {
    if (at + 3 > bytes.length) throw malformed('an addition that is cut off')
    const type = bytes[at] ?? 0
    const end = at + 3 + uint16(bytes, at + 1)
    if (end > bytes.length) throw malformed('an addition that is longer than the header')
    if (tlvs.length >= MOST_TLVS) throw malformed(`more than ${MOST_TLVS} additions`)
    const value = bytes.slice(at + 3, end)
    if (type === CRC32C && !checkCrc32c(bytes, at + 3, end)) throw malformed('its checksum is wrong')
    tlvs.push({ type, value })
    at = end
  }
  return tlvs
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
}

/** As RFC 5952 writes them. */
function showIp(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, i) => uint16(bytes, 2 * i).toString(16))
  if (groups.slice(0, 5).every((group) => group === '0') && groups[5] === 'ffff')
    return `::ffff:${bytes.subarray(12).join('.')}`
  // The longest run of zeros, the first of equals, and never a single one (§4.2).
  let [start, length] = [-1, 1]
  for (let i = 0; i < 8; i++) {
    let end = i
    while (groups[end] === '0') end++
    if (end - i > length) [start, length] = [i, end - i]
  }
  if (start < 0) return groups.join(':')
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`
}

function malformed(what: string): HyperError {
  return new HyperError('PROXY', `the PROXY header of a connection is malformed: ${what}`, {
    by: 'peer',
    phase: 'connect',
  })
}
