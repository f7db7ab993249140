import type { PeerInfo } from '@hyper/core/rt'
import type { DenoConn, NetAddress } from './deno-api.ts'

/** What a connection of Deno's knows of its other end; an address is made only when somebody reads it. */
export class DenoPeer implements PeerInfo {
  readonly alpnProtocol: string | undefined
  readonly encrypted: boolean
  readonly #conn: DenoConn

  constructor(conn: DenoConn, alpnProtocol: string | undefined) {
    this.alpnProtocol = alpnProtocol
    this.encrypted = 'handshake' in conn
    this.#conn = conn
  }

  /** `'tls'`, `'tcp'` or `'unix'`. */
  get transport(): string {
    return this.encrypted ? 'tls' : this.#conn.remoteAddr.transport
  }

  get remoteAddress(): string | undefined {
    return this.#remote.hostname
  }

  get remotePort(): number | undefined {
    return this.#remote.port
  }

  get localAddress(): string | undefined {
    return this.#local.hostname
  }

  get localPort(): number | undefined {
    return this.#local.port
  }

  get #remote(): Partial<NetAddress> {
    return this.#conn.remoteAddr
  }

  get #local(): Partial<NetAddress> {
    return this.#conn.localAddr
  }

  /** What is known, as a plain object: for logs. */
  toJSON(): PeerInfo {
    const { transport, remoteAddress, remotePort, localAddress, localPort, encrypted, alpnProtocol } = this
    return { transport, remoteAddress, remotePort, localAddress, localPort, encrypted, alpnProtocol }
  }
}
