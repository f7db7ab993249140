import type { Socket } from 'node:net'

// PendingSockets: connections that were accepted and are not given away yet, since something comes first on them. In:
// sockets, as they come and as they are through. Out: a promise for the time when there are none. It never holds one that
// is gone.

/** The longest that a timer of Node can wait. */
const LONGEST = 2_147_483_647

export class PendingSockets {
  private readonly sockets: Set<Socket>
  private timer: NodeJS.Timeout | null
  private waiting: (() => void) | null
  private isEnding: boolean

  constructor() {
    this.sockets = new Set()
    this.timer = null
    this.waiting = null
    this.isEnding = false
  }

  add(socket: Socket): void {
    // One that comes after they were ended.
    if (this.isEnding) {
      socket.destroy()
      return
    }
    this.sockets.add(socket)
    socket.once('close', () => this.forget(socket))
  }

  /** It is through: the socket itself, or the one of TLS upon it. */
  delete(socket: Socket & { _parent?: Socket | null }): void {
    // Node names the connection below a TLS socket only here.
    this.forget(socket._parent ?? socket)
  }

  /** Those that are still here then are ended: until their timeout they would keep the process alive. */
  endAfter(ms: number): void {
    if (this.isEnding) return
    clearTimeout(this.timer ?? undefined)
    this.timer = null
    if (ms > 0) {
      this.timer = setTimeout(() => this.end(), Math.min(ms, LONGEST))
    } else this.end()
  }

  /** Resolves when there are none, and nobody will come. */
  async whenEmpty(): Promise<void> {
    if (this.sockets.size > 0) await new Promise<void>((resolve) => (this.waiting = resolve))
    clearTimeout(this.timer ?? undefined)
  }

  private end(): void {
    this.isEnding = true
    for (const socket of this.sockets) socket.destroy()
    this.sockets.clear()
    this.settle()
  }

  private forget(socket: Socket): void {
    if (this.sockets.delete(socket)) this.settle()
  }

  private settle(): void {
    if (this.sockets.size > 0) return
    this.waiting?.()
    this.waiting = null
  }
}
