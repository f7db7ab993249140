import { FULL, QUEUED, TAKEN } from '@hyper/core/rt'
import type { Alarm, AlarmTarget, Io, IoSink, PeerInfo, WriteResult } from '@hyper/core/rt'
import type { BunSocket, BunSocketHandler } from './bun-api.ts'
import { BunPeer } from './bun-peer.ts'
import { bunRuntime } from './bun-runtime.ts'
import { WriteQueue } from './write-queue.ts'

// bunIo: a socket of Bun's as an Io. In: the calls of one handler that all sockets share; `data` of a socket is its BunIo. Out:
// sink calls, all of them from the event loop, never from inside a call of ours: Bun closes a socket from within `end` and
// `terminate`, and what we hear then is told in a microtask.
//
// Read-ahead: none. `pause` stops reading at once; Bun reads up to 512 KiB at a time, which is held when it comes on the way.
// A reset is noticed all the same, and what Bun then reads of the rest is dropped. Bun allocates each chunk anew.

/** What a TLS peer may take to answer our close_notify, milliseconds. */
const TLS_CLOSE_WAIT = 1_000

/** What is known of the end of the stream. */
const OPEN = 0
/** The peer's FIN has come, and waits behind `held`. */
const END_HELD = 1
const END_TOLD = 2

/** A socket whose `data` is an Io of ours. */
export type IoSocket = BunSocket<BunIo>

/**
 * Handlers for `Bun.listen` and `Bun.connect`, which must be given `allowHalfOpen: true`. Every connection becomes an `Io`.
 *
 * - `write` answers `TAKEN` exactly when the kernel (for TLS: BoringSSL and the kernel) has the bytes.
 * - `abort` resets TCP connections (RST), those with TLS as well.
 * - `close` sends what is queued and FIN. Bytes of the peer that nobody has read by then make the kernel send RST.
 * - After a failed write what has arrived is still read, but no end is told: Bun does not tell FIN from a reset then.
 *
 * @param onIo takes each connection; with TLS once its handshake is done, not before. What it throws resets the connection.
 */
export function bunHandlers(onIo: (io: Io) => void): BunHandlers {
  return {
    ...IO_HANDLERS,
    open(socket) {
      // Without a handler for it, a socket with TLS opens when its handshake is done.
      const io = new BunIo(socket, socket.getTLSVersion() !== null)
      socket.data = io
      give(io, onIo)
    },
  } satisfies BunSocketHandler<BunIo>
}

/** What `Bun.listen` and `Bun.connect` take as `socket`. */
export interface BunHandlers {
  readonly open: (socket: never) => void
  readonly data: (socket: never, chunk: Uint8Array) => void
  readonly drain: (socket: never) => void
  readonly end: (socket: never) => void
  readonly close: (socket: never, error?: Error) => void
  readonly error: (socket: never, error: Error) => void
}

function give(io: Io, onIo: (io: Io) => void): void {
  try {
    onIo(io)
  } catch (error) {
    io.abort()
    bunRuntime.onError(error)
  }
}

/** What every socket with a {@link BunIo} shares; `open` and `handshake` differ. */
export const IO_HANDLERS: Required<
  Pick<BunSocketHandler<BunIo>, 'data' | 'drain' | 'end' | 'close' | 'error'>
> = {
  data: (socket, chunk) => socket.data.take(chunk),
  drain: (socket) => socket.data.takeDrain(),
  end: (socket) => socket.data.takeEnd(),
  close: (socket, error) => socket.data.takeClose(error ?? null),
  error: (socket, error) => socket.data.takeError(error),
}

export class BunIo implements Io, AlarmTarget {
  /** @internal */
  readonly socket: IoSocket
  private sink: IoSink | null
  private paused: boolean
  /** Bun reads nothing: it was told to pause. */
  private stopped: boolean
  /** Chunks that arrived while nobody wanted them; null when there are none. */
  private held: Uint8Array[] | null
  private input: number
  /** A flush of what is held is on its way. */
  private waking: boolean
  /** A call of ours is under way, in which nothing may be told. */
  private calling: boolean
  private readonly queue: WriteQueue
  /** The transport took less than it was given: the next write waits for its drain. */
  private stuck: boolean
  /** `write` answered FULL, and `onDrain` is owed. */
  private full: boolean
  private ended: boolean
  /** Our FIN is out: `end` was called, and nothing is queued. */
  private shutDown: boolean
  /** `close` or `abort` was called: nothing is read or written any more. */
  private left: boolean
  private aborted: boolean
  private writeError: Error | null
  private writeErrorTold: boolean
  /** Bytes that were written last, and of which the transport has taken none. */
  private lost: number
  private error: Error | null
  /** The socket has closed; `onClose` is told, or owed behind `held`. */
  private gone: boolean
  private closed: boolean
  private readonly encrypted: boolean
  private peerInfo: PeerInfo | null
  private alarm: Alarm | null

  constructor(socket: IoSocket, encrypted: boolean) {
    this.socket = socket
    this.sink = null
    this.paused = false
    this.stopped = false
    this.held = null
    this.input = OPEN
    this.waking = false
    this.calling = false
    this.queue = new WriteQueue()
    this.stuck = false
    this.full = false
    this.ended = false
    this.shutDown = false
    this.left = false
    this.aborted = false
    this.writeError = null
    this.writeErrorTold = false
    this.lost = 0
    this.error = null
    this.gone = false
    this.closed = false
    this.encrypted = encrypted
    this.peerInfo = null
    this.alarm = null
  }

  get peer(): PeerInfo {
    this.peerInfo ??= new BunPeer(this.socket, this.encrypted)
    return this.peerInfo
  }

  start(sink: IoSink): void {
    // Who comes after the close hears of it too, rather than waiting for ever.
    if (sink !== this.sink) this.closed = false
    this.sink = sink
    this.paused = false
    this.writeErrorTold = false
    this.wake()
  }

  pause(): void {
    this.paused = true
    this.stop()
  }

  resume(): void {
    if (!this.paused) return
    this.paused = false
    this.wake()
  }

  write(data: Uint8Array | string, more: boolean = false): WriteResult {
    if (this.writeError !== null) this.lost += data.length
    if (this.gone || this.left || this.ended || this.writeError !== null) return TAKEN
    this.queue.add(data)
    if (more && !this.queue.isPlenty) return QUEUED
    this.flush()
    return this.result()
  }

  end(): void {
    if (this.ended || this.left || this.gone) return
    this.ended = true
    if (this.writeError === null) this.flush()
    else if (this.input !== OPEN) this.destroy()
  }

  close(): void {
    if (this.left || this.gone) return
    this.left = true
    this.held = null
    this.proceed()
    if (this.writeError !== null) this.destroy()
    else this.flush()
  }

  abort(): void {
    if (this.aborted || this.gone) return
    this.left = true
    this.aborted = true
    this.held = null
    this.queue.clear()
    this.destroy()
  }

  ref(): void {
    this.socket.ref()
  }

  unref(): void {
    this.socket.unref()
  }

  /** The peer of a TLS connection has not answered our close_notify. */
  onAlarm(): void {
    this.destroy()
  }

  /**
   * Gives the socket back, for TLS over it. The Io is dead from then on.
   * @param into takes what has arrived, and nobody has been told of; without it there must be nothing
   * @returns null when it has held, ended, failed or been left
   * @internal
   */
  release(into?: Uint8Array[]): IoSocket | null {
    if (this.left || this.gone || this.ended || this.writeError !== null) return null
    if (this.input !== OPEN || !this.queue.isEmpty || this.encrypted) return null
    if (this.held !== null && into === undefined) return null
    into?.push(...(this.held ?? []))
    this.held = null
    this.left = true
    this.gone = true
    this.sink = null
    this.proceed()
    return this.socket
  }

  /** @internal */
  take(chunk: Uint8Array): void {
    // Reading goes on until `close` is done: bytes that wait unread would turn the FIN into a reset.
    if (this.left) return
    if (this.paused || this.held !== null || this.sink === null || this.waking) {
      if (this.held === null) this.held = [chunk]
      else this.held.push(chunk)
      this.stop()
      return
    }
    this.sink.onData(chunk)
  }

  /** @internal The peer's FIN. */
  takeEnd(): void {
    if (this.left || this.gone || this.input !== OPEN) return
    // After a reset that a write has seen first, the kernel reports the end of the stream instead of the reset: what came
    // may be cut off, so that the end must not be told as one.
    if (this.writeError !== null) {
      this.destroy()
      return
    }
    this.input = END_HELD
    if (!this.paused && this.held === null && this.sink !== null && !this.waking) this.tellEnd(this.sink)
  }

  /** @internal */
  takeDrain(): void {
    if (!this.stuck || this.gone) return
    this.stuck = false
    this.flush()
    if (!this.full || this.left || !this.queue.isEmpty || this.writeError !== null) return
    this.full = false
    this.sink?.onDrain()
  }

  /** @internal TLS has failed, or a sink has thrown. */
  takeError(error: Error): void {
    // Of a socket that was given back.
    if (this.gone) return
    this.error ??= error
    // A sink has no business to throw; Bun would say nothing of it.
    if (!('code' in error)) setImmediate(throwIt, error)
  }

  /** @internal The socket is gone. */
  takeClose(error: Error | null): void {
    if (this.gone) return
    this.gone = true
    this.alarm?.cancel()
    this.queue.clear()
    // Once our half has ended, Bun tells the end of the other only by closing.
    if (error === null && this.shutDown && !this.left && this.writeError === null && this.input === OPEN)
      this.input = END_HELD
    this.error ??= error ?? this.writeError
    if (this.aborted) this.error = null
    if (this.calling || this.sink === null || this.waking) this.wake()
    else this.deliver()
  }

  /** @internal What arrived, and what happened, while nobody wanted it. Runs from the event loop only. */
  deliver(): void {
    this.waking = false
    if (this.writeError !== null && this.sink !== null) this.tellWriteError(this.sink, this.writeError)
    while (this.held !== null && !this.paused && this.sink !== null && !this.mayForget()) {
      const chunk = this.held.shift()
      if (chunk === undefined) this.held = null
      else this.sink.onData(chunk)
    }
    if (this.sink === null) return
    if (!this.paused && this.input === END_HELD && !this.mayForget()) this.tellEnd(this.sink)
    if (this.gone) this.tellClose(this.sink)
    else if (!this.paused) this.proceed()
  }

  private stop(): void {
    if (this.stopped || this.gone) return
    this.stopped = true
    this.socket.pause()
  }

  private proceed(): void {
    if (!this.stopped || this.gone) return
    this.stopped = false
    this.socket.resume()
  }

  /** The bytes before an error are dropped: nobody was there to take them, and the loss must be seen at once. */
  private mayForget(): boolean {
    return this.left || this.closed || (this.gone && this.error !== null && this.writeError === null)
  }

  /** Deliveries never happen inside a call of ours: those may be made by a sink. */
  private wake(): void {
    if (this.waking || this.sink === null) return
    const isIdle = this.held === null && this.input !== END_HELD && !this.gone && this.writeError === null
    if (isIdle && !this.stopped) return
    this.waking = true
    queueMicrotask(() => this.deliver())
  }

  private tellWriteError(sink: IoSink, error: Error): void {
    if (this.writeErrorTold || this.closed) return
    this.writeErrorTold = true
    // Of TLS nobody knows which records are out.
    sink.onWriteError(error, this.encrypted ? 0 : this.lost)
  }

  private tellEnd(sink: IoSink): void {
    this.input = END_TOLD
    sink.onEnd()
    if (this.writeError !== null) this.destroy()
  }

  private tellClose(sink: IoSink): void {
    if (this.closed) return
    if (this.paused && !this.mayForget() && (this.held !== null || this.input === END_HELD)) return
    this.closed = true
    this.held = null
    sink.onClose(this.error)
  }

  private result(): WriteResult {
    if (this.queue.isEmpty) return TAKEN
    if (this.queue.isPlenty) this.full = true
    return this.full ? FULL : QUEUED
  }

  /** As much as the transport takes; behind the last byte, what was asked for: our FIN, or the close. */
  private flush(): void {
    if (this.stuck) return
    if (!this.queue.isEmpty && !this.queue.flush(this.socket)) {
      this.writeFailed()
      return
    }
    this.stuck = !this.queue.isEmpty
    if (this.stuck) return
    if (this.left) this.closeSocket()
    else if (this.ended && !this.shutDown) {
      this.shutDown = true
      this.calling = true
      this.socket.shutdown()
      this.calling = false
    }
  }

  private writeFailed(): void {
    // Bun keeps to itself what the system has said.
    this.writeError = Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' })
    this.lost = this.queue.length
    this.queue.clear()
    this.full = false
    if (this.left || this.input === END_TOLD) this.destroy()
    else this.wake()
  }

  private closeSocket(): void {
    this.calling = true
    // With TLS the socket closes by itself once the peer has answered our close_notify; not every peer does. `end` would wait as
    // well, but leave nothing to give the socket up by.
    if (!this.encrypted) this.socket.end()
    else if (!this.shutDown) this.socket.shutdown()
    this.calling = false
    if (this.gone) return
    this.alarm ??= bunRuntime.timer.alarm(this)
    this.alarm.move(bunRuntime.clock.now() + TLS_CLOSE_WAIT)
  }

  private destroy(): void {
    if (this.gone) return
    this.calling = true
    this.socket.terminate()
    this.calling = false
  }
}

function throwIt(error: Error): void {
  throw error
}
