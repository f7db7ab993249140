import type { Io, PeerInfo } from '@hyper/core/rt'
import { Peer } from '../../runtime/peer.ts'
import { IoAround } from '../../tunnel/io-around.ts'
import type { ProxyHeader } from './proxy-header.ts'

/** What is known of a client that has come by a proxy, and what the proxy has said. */
export interface ProxiedPeer extends PeerInfo {
  /** The header, with its additions. */
  readonly proxy: ProxyHeader
}

/** A stream whose other end is the client of a proxy. Every call goes through; what comes does not pass here at all. */
export function proxiedIo(io: Io, header: ProxyHeader): Io {
  return new ProxiedIo(io, new ProxiedClient(io.peer, header))
}

/** Asked for only when somebody reads it, as the peer below is. */
class ProxiedClient extends Peer implements ProxiedPeer {
  readonly proxy: ProxyHeader
  readonly #below: PeerInfo

  constructor(below: PeerInfo, proxy: ProxyHeader) {
    super()
    this.#below = below
    this.proxy = proxy
  }

  get transport(): string {
    return this.#below.transport
  }

  get remoteAddress(): string | undefined {
    return this.proxy.isProxied ? this.proxy.remoteAddress : this.#below.remoteAddress
  }

  get remotePort(): number | undefined {
    return this.proxy.isProxied ? this.proxy.remotePort : this.#below.remotePort
  }

  get localAddress(): string | undefined {
    return this.proxy.isProxied ? this.proxy.localAddress : this.#below.localAddress
  }

  get localPort(): number | undefined {
    return this.proxy.isProxied ? this.proxy.localPort : this.#below.localPort
  }

  get encrypted(): boolean {
    return this.#below.encrypted
  }

  get alpnProtocol(): string | undefined {
    return this.#below.alpnProtocol
  }

  /** What the client has asked the proxy for, where TLS ends there and it says so. */
  get serverName(): string | undefined {
    return this.#below.serverName ?? nameIn(this.proxy)
  }
}

/** PP2_TYPE_AUTHORITY: a host name, UTF-8; whatever else it may be is left out. */
const AUTHORITY = 0x02

function nameIn({ tlvs }: ProxyHeader): string | undefined {
  const value = tlvs.find(({ type }) => type === AUTHORITY)?.value
  const name = value === undefined ? '' : String.fromCharCode(...value.subarray(0, 256))
  return /^[\w.-]{1,255}$/.test(name) ? name : undefined
}

class ProxiedIo extends IoAround {
  private readonly client: PeerInfo

  constructor(io: Io, client: PeerInfo) {
    super(io)
    this.client = client
  }

  override get peer(): PeerInfo {
    return this.client
  }
}
