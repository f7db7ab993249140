import type { BunSocket } from './bun-api.ts'
import { Peer } from '../runtime/peer.ts'

/**
 * What a socket of Bun's knows of its other end, asked for only when somebody reads it. Bun forgets addresses when the socket
 * closes, so what is wanted for a log is read before.
 */
export class BunPeer extends Peer {
  readonly #socket: BunSocket<unknown>
  readonly encrypted: boolean

  constructor(socket: BunSocket<unknown>, encrypted: boolean) {
    super()
    this.#socket = socket
    this.encrypted = encrypted
  }

  /** `'tls'`, `'tcp'`, or `'unix'` where there is no port. */
  get transport(): string {
    if (this.encrypted) return 'tls'
    return this.#socket.remotePort === undefined ? 'unix' : 'tcp'
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

  get alpnProtocol(): string | undefined {
    const protocol = this.encrypted ? this.#socket.alpnProtocol : null
    return typeof protocol === 'string' ? protocol : undefined
  }

  get serverName(): string | undefined {
    const name = this.encrypted ? this.#socket.getServername() : undefined
    return typeof name === 'string' && name !== '' ? name : undefined
  }
}
