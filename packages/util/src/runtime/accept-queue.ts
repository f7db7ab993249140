import type { Io } from '@hyper/core/rt'

// Connections between the socket that accepted them and the loop that takes them. Bounded: platforms cannot stop accepting
// without closing the port, so what does not fit is refused with a reset, as a full backlog of the kernel does.

type Taker = {
  readonly resolve: (result: IteratorResult<Io, undefined>) => void
  readonly reject: (error: Error) => void
}

export class AcceptQueue {
  private readonly limit: number
  private readonly waiting: Io[]
  private readonly takers: Taker[]
  private closed: boolean
  private error: Error | null

  constructor(limit: number) {
    this.limit = limit
    this.waiting = []
    this.takers = []
    this.closed = false
    this.error = null
  }

  push(io: Io): void {
    const taker = this.takers.shift()
    if (taker !== undefined) taker.resolve({ done: false, value: io })
    else if (this.closed || this.waiting.length >= this.limit) io.abort()
    else this.waiting.push(io)
  }

  /** The loop ends once it has taken what waits; with `error` it ends by throwing. */
  close(error: Error | null): void {
    if (this.closed) return
    this.closed = true
    this.error = error
    for (const taker of this.takers.splice(0)) {
      if (error === null) taker.resolve({ done: true, value: undefined })
      else taker.reject(error)
    }
  }

  next(): Promise<IteratorResult<Io, undefined>> {
    const value = this.waiting.shift()
    if (value !== undefined) return Promise.resolve({ done: false, value })
    if (this.error !== null) return Promise.reject(this.error)
    if (this.closed) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve, reject) => this.takers.push({ resolve, reject }))
  }

  /** Nobody will take what waits. */
  clear(): void {
    for (const io of this.waiting.splice(0)) io.abort()
  }
}
