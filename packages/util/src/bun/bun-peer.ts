import type { PeerInfo } from '@hyper/core/rt'
import { inspect } from 'node:util'
import type { BunSocket } from './bun-api.ts'

/**
 * What a socket of Bun's knows of its other end, asked for only when somebody reads it. Bun forgets addresses when the socket
 * closes, so what is wanted for a log is read before.
 */
export class BunPeer implements PeerInfo {
  readonly #socket: BunSocket<unknown>
  readonly encrypted: boolean

  static {
    Object.defineProperty(this.prototype, inspect.custom, {
      value: function show(this: BunPeer): PeerInfo {
        return this.toJSON()
      },
    })
  }

  constructor(socket: BunSocket<unknown>, encrypted: boolean) {
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

  /** What is known now, as a plain object: for logs. */
  toJSON(): PeerInfo {
    const { transport, remoteAddress, remotePort, localAddress, localPort } = this
    const { encrypted, alpnProtocol, serverName } = this
    return {
      transport,
      remoteAddress,
      remotePort,
      localAddress,
      localPort,
      encrypted,
      alpnProtocol,
      serverName,
    }
  }
}
