import { userError } from '@hyper/core/error'
import { ByteReader } from './byte-reader.ts'
import { faultOf, type HandshakeFault, HUNG_UP, NOTHING, type ProxyHandshake } from './handshake.ts'
import type { SocksTarget } from './socks-target.ts'

// SOCKS5 (RFC 1928), with user name and password (RFC 1929). Each line is written when the answer before it has come, or
// all at once when `optimistic`.
//
//   ours   VER=5 NMETHODS METHODS                       theirs  VER=5 METHOD
//          VER=1 ULEN UNAME PLEN PASSWD                         VER=1 STATUS            only with METHOD 2
//          VER=5 CMD=1 RSV ATYP DST.ADDR DST.PORT               VER=5 REP RSV ATYP BND.ADDR BND.PORT

const VERSION = 5
const AUTH_VERSION = 1
const NO_AUTH = 0
const PASSWORD = 2
const NO_METHOD = 0xff
const CONNECT = 1
const IPV4 = 1
const NAME = 3
const IPV6 = 4

/** VER, REP, RSV, ATYP, and the first byte of the address, which is its length when it is a name. */
const REPLY_HEAD = 5
/** A name of 255 bytes and the port. */
const LONGEST_REPLY = REPLY_HEAD + 255 + 2

/** RFC 1928 §6; those from 3 on are about the address. */
const REPLIES: readonly string[] = [
  '',
  'general failure',
  'its rules do not allow it',
  'network unreachable',
  'host unreachable',
  'connection refused',
  'time to live expired',
  'it does not know the command',
  'it does not know this kind of address',
]
const ABOUT_ADDRESS_FROM = 3

const METHOD_REPLY = 0
const AUTH_REPLY = 1
/** VER and REP: there are proxies that say no more when they refuse. */
const REPLY_CODE = 2
const HEAD_OF_REPLY = 3
const REST_OF_REPLY = 4

/** Who we are to the proxy. */
export interface SocksCredentials {
  readonly username: string
  readonly password: string
}

/** One request to a SOCKS5 proxy. */
export class Socks5Handshake implements ProxyHandshake {
  isDone: boolean
  fault: HandshakeFault | null
  private readonly request: Uint8Array
  private readonly credentials: Uint8Array | null
  private readonly isOptimistic: boolean
  private readonly reader: ByteReader
  private output: Uint8Array
  private step: number

  /**
   * @param isOptimistic all messages leave at once: a round trip or two less, with proxies that take it.
   * @throws HyperError `INVALID_OPTION` when name, user name or password cannot be sent
   */
  constructor(target: SocksTarget, credentials: SocksCredentials | null, isOptimistic: boolean = false) {
    this.isDone = false
    this.fault = null
    this.request = encodeRequest(target)
    this.credentials = credentials === null ? null : encodeCredentials(credentials)
    this.isOptimistic = isOptimistic
    this.output = this.encodeGreeting()
    this.step = METHOD_REPLY
    this.reader = new ByteReader(LONGEST_REPLY)
    this.reader.want(2)
  }

  takeOutput(): Uint8Array {
    const { output } = this
    this.output = NOTHING
    return output
  }

  receive(bytes: Uint8Array): number {
    let at = 0
    while (!this.isDone && this.fault === null) {
      at = this.reader.take(bytes, at)
      if (!this.reader.isComplete) break
      this.takeRun(this.reader.bytes)
    }
    return at
  }

  handleEnd(): void {
    this.fault ??= HUNG_UP
  }

  /** Who sends everything at once has to know the method before it is chosen. */
  private encodeGreeting(): Uint8Array {
    const { credentials, request } = this
    if (!this.isOptimistic) {
      return credentials === null
        ? Uint8Array.of(VERSION, 1, NO_AUTH)
        : Uint8Array.of(VERSION, 2, NO_AUTH, PASSWORD)
    }
    if (credentials === null) return Uint8Array.of(VERSION, 1, NO_AUTH, ...request)
    return Uint8Array.of(VERSION, 1, PASSWORD, ...credentials, ...request)
  }

  private takeRun(bytes: Uint8Array): void {
    const [first = 0, second = 0] = bytes
    const version = this.step === AUTH_REPLY ? AUTH_VERSION : VERSION
    if (first !== version) {
      this.fault = faultOf(`it does not speak SOCKS5: an answer begins with ${first} instead of ${version}`)
      return
    }
    switch (this.step) {
      case METHOD_REPLY:
        this.takeMethod(second)
        break
      case AUTH_REPLY:
        if (second === 0) this.sendRequest()
        else this.fault = faultOf('it does not accept the user name and password')
        break
      case REPLY_CODE:
        this.takeReplyCode(second)
        break
      case HEAD_OF_REPLY:
        this.takeReplyHead(bytes)
        break
      default:
        // Where the proxy has bound its own end is of no use to us.
        this.isDone = true
    }
  }

  private takeMethod(method: number): void {
    const isOffered = method === PASSWORD ? this.credentials !== null : method === NO_AUTH
    if (method === NO_METHOD || !isOffered || (this.isOptimistic && method !== this.onlyMethod)) {
      this.fault = faultOf(
        method === NO_METHOD
          ? 'it accepts no way of authentication that we offer'
          : `it wants method ${method} of authentication, which was not offered`,
      )
    } else if (method === NO_AUTH) this.sendRequest()
    else {
      if (!this.isOptimistic && this.credentials !== null) this.write(this.credentials)
      this.step = AUTH_REPLY
      this.reader.want(2)
    }
  }

  /** Behind what was not taken yet: an answer may have come before it was due. */
  private write(bytes: Uint8Array): void {
    this.output = Uint8Array.of(...this.output, ...bytes)
  }

  private get onlyMethod(): number {
    return this.credentials === null ? NO_AUTH : PASSWORD
  }

  private sendRequest(): void {
    if (!this.isOptimistic) this.write(this.request)
    this.step = REPLY_CODE
    this.reader.want(2)
  }

  private takeReplyCode(code: number): void {
    this.step = HEAD_OF_REPLY
    this.reader.wantMore(REPLY_HEAD - 2)
    if (code === 0) return
    const detail = REPLIES[code] ?? `it answered with the unknown code ${code}`
    this.fault = { detail, status: 0, isAboutAddress: code >= ABOUT_ADDRESS_FROM }
  }

  private takeReplyHead([, , , kind = 0, length = 0]: Uint8Array): void {
    const rest = restOf(kind, length)
    if (rest < 0) {
      this.fault = faultOf(`its answer has an address of the unknown kind ${kind}`)
      return
    }
    this.step = REST_OF_REPLY
    this.reader.wantMore(rest)
  }
}

/** What follows the first byte of an address: the rest of it, and the port. */
function restOf(kind: number, length: number): number {
  if (kind === IPV4) return 3 + 2
  if (kind === IPV6) return 15 + 2
  return kind === NAME ? length + 2 : -1
}

function encodeRequest({ bytes, family, port }: SocksTarget): Uint8Array {
  const tail = [port >> 8, port & 0xff]
  const head = [VERSION, CONNECT, 0]
  if (family === 4) return Uint8Array.of(...head, IPV4, ...bytes, ...tail)
  if (family === 6) return Uint8Array.of(...head, IPV6, ...bytes, ...tail)
  if (bytes.length === 0 || bytes.length > 255)
    throw userError('INVALID_OPTION', 'a name for SOCKS5 has 1 to 255 bytes')
  return Uint8Array.of(...head, NAME, bytes.length, ...bytes, ...tail)
}

function encodeCredentials({ password, username }: SocksCredentials): Uint8Array {
  const [user, secret] = [username, password].map((text) => new TextEncoder().encode(text))
  if (
    user === undefined ||
    secret === undefined ||
    user.length === 0 ||
    user.length > 255 ||
    secret.length > 255
  ) {
    throw userError('INVALID_OPTION', 'a user name for SOCKS5 has 1 to 255 bytes, a password at most 255')
  }
  return Uint8Array.of(AUTH_VERSION, user.length, ...user, secret.length, ...secret)
}
