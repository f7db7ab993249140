import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { Peer } from '../runtime/peer.ts'

/**
 * What a socket knows of its other end, asked for only when somebody reads it: an address is a system call. Node
 * forgets addresses when the socket closes, so what is wanted for a log is read before.
 */
export class NodePeer extends Peer {
  readonly #socket: Socket

  constructor(socket: Socket) {
    super()
    this.#socket = socket
  }

  /** `'tls'`, `'tcp'`, or `'unix'` where there is no port. */
  get transport(): string {
    if (this.#socket instanceof TLSSocket) return 'tls'
    return this.#socket.remoteFamily === undefined ? 'unix' : 'tcp'
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress
  }

  get remotePort(): number | undefined {
    return this.#socket.remotePort
  }

  get localAddress(): string | undefined {
    return this.#socket.localAddress
  }

  get localPort(): number | undefined {
    return this.#socket.localPort
  }

  get encrypted(): boolean {
    return this.#socket instanceof TLSSocket
  }

  get alpnProtocol(): string | undefined {
    if (!(this.#socket instanceof TLSSocket)) return undefined
    const protocol = this.#socket.alpnProtocol
    return typeof protocol === 'string' ? protocol : undefined
  }

  get serverName(): string | undefined {
    if (!(this.#socket instanceof TLSSocket)) return undefined
    // Node has it as `servername` on both ends, typed on neither: false when the client sent none.
    const name: unknown = 'servername' in this.#socket ? this.#socket.servername : undefined
    return typeof name === 'string' ? name : undefined
  }
}
