import { userError } from '@hyper/core/error'
import { ByteReader } from './byte-reader.ts'
import { faultOf, type HandshakeFault, HUNG_UP, NOTHING, type ProxyHandshake } from './handshake.ts'
import type { SocksTarget } from './socks-target.ts'

// SOCKS4 and 4a: one request, one answer of eight bytes.
//
//   VN=4 CD=1 DSTPORT(2) DSTIP(4) USERID NUL                 with an IPv4 address
//   VN=4 CD=1 DSTPORT(2) 0.0.0.1  USERID NUL NAME NUL        4a: the proxy looks the name up
//   VN=0 CD   DSTPORT(2) DSTIP(4)                            the answer

const REPLY_LENGTH = 8
const GRANTED = 90
const REPLIES: ReadonlyMap<number, string> = new Map([
  [91, 'it refused, or could not connect'],
  [92, 'it could not ask our identd who we are'],
  [93, 'our identd names somebody else'],
])
const NUL = 0

/** One request to a SOCKS4 proxy. */
export class Socks4Handshake implements ProxyHandshake {
  isDone: boolean
  fault: HandshakeFault | null
  private output: Uint8Array
  private readonly reader: ByteReader

  /** @throws HyperError `INVALID_OPTION` when the user name cannot be sent */
  constructor(target: SocksTarget, username: string | null) {
    this.isDone = false
    this.fault =
      target.family === 6 ? { detail: 'SOCKS4 has no IPv6 addresses', status: 0, isAboutAddress: true } : null
    this.output = this.fault === null ? encodeRequest(target, username ?? '') : NOTHING
    this.reader = new ByteReader(REPLY_LENGTH)
    this.reader.want(REPLY_LENGTH)
  }

  takeOutput(): Uint8Array {
    const { output } = this
    this.output = NOTHING
    return output
  }

  receive(bytes: Uint8Array): number {
    const used = this.reader.take(bytes, 0)
    if (this.reader.isComplete) this.takeReply(this.reader.bytes)
    return used
  }

  handleEnd(): void {
    this.fault ??= HUNG_UP
  }

  private takeReply([version = 0, code = 0]: Uint8Array): void {
    if (version !== 0) this.fault = faultOf(`it does not speak SOCKS4: its answer begins with ${version}`)
    else if (code === GRANTED) this.isDone = true
    else {
      const detail = REPLIES.get(code) ?? `it answered with the unknown code ${code}`
      this.fault = { detail, status: 0, isAboutAddress: code === 91 }
    }
  }
}

function encodeRequest({ bytes, family, port }: SocksTarget, username: string): Uint8Array {
  const user = new TextEncoder().encode(username)
  if (user.includes(NUL) || user.length > 255) {
    throw userError('INVALID_OPTION', 'a user name for SOCKS4 has at most 255 bytes, none of them NUL')
  }
  const head = [4, 1, port >> 8, port & 0xff]
  if (family === 4) return Uint8Array.of(...head, ...bytes, ...user, NUL)
  return Uint8Array.of(...head, 0, 0, 0, 1, ...user, NUL, ...bytes, NUL)
}
