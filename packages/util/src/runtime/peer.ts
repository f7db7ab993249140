import type { PeerInfo } from '@hyper/core/rt'

// Peer: what peers of several adapters share. An adapter has a member for each thing that it may be asked; in a log all of them are seen.

const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom')

export abstract class Peer implements PeerInfo {
  static {
    Object.defineProperty(this.prototype, INSPECT, {
      value: function show(this: Peer): PeerInfo {
        return this.toJSON()
      },
    })
  }

  abstract readonly transport: string
  abstract readonly remoteAddress: string | undefined
  abstract readonly remotePort: number | undefined
  abstract readonly localAddress: string | undefined
  abstract readonly localPort: number | undefined
  abstract readonly encrypted: boolean
  abstract readonly alpnProtocol: string | undefined
  abstract readonly serverName: string | undefined

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
