import type { HeaderMap } from '@hyper/core/http'
import type { ClientConnection, SendRequest } from '@hyper/core/h1'
import type { Io } from '@hyper/core/rt'

// Kept: one connection, and whether it can be had. It is idle or in use by one request; it goes back by itself once the
// request it served is complete, and is gone when either side has closed it.

/** Where a connection belongs. */
export interface Home {
  /** It is idle: takes it back, for as long as the server has promised, in milliseconds. */
  release(kept: Kept, promised: number): void
  /** It is idle already, and the server has promised something else. */
  keep(kept: Kept, promised: number): void
  /** It can serve no more. */
  drop(kept: Kept): void
}

export class Kept {
  readonly io: Io
  readonly sender: SendRequest
  readonly connection: ClientConnection
  /** While idle: not usable from here on, by the clock. */
  idleUntil: number
  private readonly home: Home
  /** The last `Keep-Alive` field, and what it promises in milliseconds; Infinity when nothing was said. */
  private hint: string | null
  private promised: number
  private isBusy: boolean

  constructor(io: Io, sender: SendRequest, connection: ClientConnection, home: Home) {
    this.io = io
    this.sender = sender
    this.connection = connection
    this.idleUntil = Infinity
    this.home = home
    this.hint = null
    this.promised = Infinity
    this.isBusy = true
    sender.onReady = () => this.moved()
  }

  /** True when a request may be sent now. */
  isUsable(now: number): boolean {
    return now < this.idleUntil && this.sender.isReady
  }

  /** Leaves the idle list for a request. */
  take(): void {
    this.isBusy = true
    this.io.ref()
  }

  /** A response head has come; the connection may be idle already. */
  answered(headers: HeaderMap): void {
    const hint = headers.first('keep-alive')
    if (hint === this.hint) return
    this.hint = hint
    this.promised = hint === null ? Infinity : timeoutOf(hint)
    if (!this.isBusy) this.home.keep(this, this.promised)
  }

  /** Something may have changed: goes back when it is free, and is forgotten when it is closed. */
  moved(): void {
    if (this.sender.isClosed) this.home.drop(this)
    else if (this.isBusy && this.sender.isReady) {
      this.isBusy = false
      // An idle connection holds no process open.
      this.io.unref()
      this.home.release(this, this.promised)
    }
  }

  /** Ends it, at once when it is idle. */
  close(): void {
    this.connection.gracefulShutdown()
  }
}

/** A second of safety: a server that closes after exactly its time would meet our next request half way. */
const MARGIN = 1000

/** Milliseconds of `timeout=…`; Infinity when there is none. */
function timeoutOf(hint: string): number {
  const found = TIMEOUT.exec(hint)
  return found === null ? Infinity : Math.max(0, Number(found[1]) * 1000 - MARGIN)
}

const TIMEOUT = /(?:^|[,\s])timeout=(\d{1,9})/i
