import type { Io } from '@hyper/core/rt'
import { userError } from '@hyper/core/error'
import { duplex, type DuplexOptions } from './memory-io.ts'

/** A listener without a port: every `connect` gives the client's end, and the server's end to whoever iterates. */
export class MemoryListener implements AsyncIterable<Io> {
  private readonly options: DuplexOptions
  private readonly waiting: Io[]
  private readonly takers: ((result: IteratorResult<Io, undefined>) => void)[]
  private closed: boolean

  constructor(options: DuplexOptions = {}) {
    this.options = options
    this.waiting = []
    this.takers = []
    this.closed = false
  }

  /**
   * The client's end of a new connection. The server's end waits until it is taken.
   * @throws HyperError `INVALID_STATE` after `close`.
   */
  connect(): Io {
    if (this.closed) throw userError('INVALID_STATE', 'the listener is closed')
    const [client, server] = duplex(this.options)
    const taker = this.takers.shift()
    if (taker === undefined) this.waiting.push(server)
    else taker({ done: false, value: server })
    return client
  }

  /** Ends the iteration, and resets what was connected and not taken. Connections that were taken go on. */
  close(): void {
    this.closed = true
    for (const io of this.waiting.splice(0)) io.abort()
    for (const taker of this.takers.splice(0)) taker({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): AsyncIterator<Io, undefined, undefined> {
    return {
      next: () => this.next(),
      return: () => {
        this.close()
        return Promise.resolve({ done: true, value: undefined })
      },
    }
  }

  private next(): Promise<IteratorResult<Io, undefined>> {
    const value = this.waiting.shift()
    if (value !== undefined) return Promise.resolve({ done: false, value })
    if (this.closed) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve) => this.takers.push(resolve))
  }
}
