import type { Socket } from 'node:net'
import { Pending } from '../runtime/pending.ts'

// PendingSockets: sockets that were accepted and are not given away yet, as `Pending` has them. It never holds one that is gone.

export class PendingSockets {
  private readonly pending: Pending<Socket>

  constructor() {
    this.pending = new Pending()
  }

  add(socket: Socket): void {
    if (this.pending.add(socket, () => socket.destroy()))
      socket.once('close', () => this.pending.delete(socket))
  }

  /** It is through: the socket itself, or the one of TLS upon it. */
  delete(socket: Socket & { _parent?: Socket | null }): void {
    // Node names the connection below a TLS socket only here.
    this.pending.delete(socket._parent ?? socket)
  }

  endAfter(ms: number): void {
    this.pending.endAfter(ms)
  }

  whenEmpty(): Promise<void> {
    return this.pending.whenEmpty()
  }
}
