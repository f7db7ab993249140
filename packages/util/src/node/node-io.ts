import { FULL, QUEUED, TAKEN, type Io, type IoSink, type PeerInfo, type WriteResult } from '@hyper/core/rt'
import { Duplex } from 'node:stream'
import { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { hiddenReset } from './hidden-reset.ts'
import { NodePeer } from './node-peer.ts'

// nodeIo: a net or tls socket as an Io. In: the socket, connected (and, for TLS, past its handshake), which nobody else
// reads or writes from then on. Out: sink calls, all of them from the event loop, never from inside a call of ours.
//
// It takes two of the socket's methods over, by own properties that hold functions shared by all sockets:
// - `push`, through which every stream source hands its bytes on. The 'data' event costs a fifth of a small exchange more
//   (benchmarks/src/io), and a Readable whose write half has failed never tells of its end.
// - `destroy`, because a failed write destroys a socket, with everything that could still be read from it. An early
//   answer (413, then RST) would be lost.
//
// Read-ahead: while paused, or before `start`, the socket goes on reading until READ_AHEAD bytes are held, so that a
// peer that vanishes is noticed. One read of Node brings at most 64 KiB, hence at most 80 KiB less one byte per socket.
// Past that nothing is read, and a lost peer is noticed by the next write or `resume`.

const READ_AHEAD = 16 * 1024
const TLS_CLOSE_WAIT = 1_000
/**
 * From `close` on nobody counts the socket any more. A peer that takes nothing of what is queued, or over TLS goes on sending,
 * would hold its descriptor for ever.
 */
const CLOSE_LIMIT = 30_000

/** Own properties that `nodeIo` gives a socket. */
type Taken = Socket & { hyperIo: NodeIo | null }

/** What is known of the end of the stream. */
const OPEN = 0
/** The peer's FIN has come, and waits behind `held`. */
const END_HELD = 1
const END_TOLD = 2

/**
 * Makes an {@link Io} of a socket, and owns it from then on. The socket should have been made with
 * `allowHalfOpen: true` (as `listen` and `connectTcp` do): otherwise Node ends our half as soon as the peer ends its.
 *
 * - `write` answers `TAKEN` exactly when the kernel (for TLS: OpenSSL and the kernel) has the bytes.
 * - `onWriteError` says that nothing of a write was taken where the system has refused it at once.
 * - `abort` resets TCP connections (RST); TLS and unix sockets are destroyed.
 * - `close` sends what is queued and FIN, within 30 s. Bytes of the peer that nobody has read by then make the kernel send RST.
 * - `onClose` has the socket's error; after a failed write that one; null when both halves ended, or after `close` and
 *   `abort`.
 * - A reset right behind bytes is no end, but for TLS on lines of Node whose libuv is older than 1.52 (22 among them).
 */
export function nodeIo(socket: Socket | TLSSocket): Io {
  return new NodeIo(socket)
}

/**
 * Gives the socket of a {@link nodeIo} back, for who speaks to the socket itself: TLS, which then needs no stream of
 * JavaScript in between. What has arrived is put back. The Io is dead from then on.
 * @returns null when it is no Io of ours, or has ended, failed or been left
 * @internal
 */
export function releaseSocket(io: Io): Socket | null {
  return io instanceof NodeIo ? io.release() : null
}

/**
 * The socket below a {@link nodeIo}, for what it knows besides the `peer`: certificates, ciphers. It must not be read,
 * written or ended.
 * @returns null when it is no Io of ours
 */
export function socketOf(io: Io): Socket | null {
  return io instanceof NodeIo ? io.below : null
}

class NodeIo implements Io {
  private readonly socket: Taken
  private sink: IoSink | null
  private paused: boolean
  /** Chunks that arrived while nobody wanted them; null when there are none. */
  private held: Uint8Array[] | null
  private heldBytes: number
  private input: number
  /** A flush of `held` is on its way. */
  private waking: boolean
  /** Text that waits for the write that was promised with `more`. */
  private gathered: string
  private corked: boolean
  /** `write` answered FULL, and `onDrain` is owed. */
  private full: boolean
  private ended: boolean
  /** `close` or `abort` was called: nothing is read or written any more. */
  private left: boolean
  private aborted: boolean
  private writeError: Error | null
  private writeErrorTold: boolean
  /** Bytes that are not handed to the kernel: a write of them was refused, or would have come after that one. */
  private lost: number
  /** Bytes that the stream holds back while it is corked. */
  private corkedBytes: number
  private error: Error | null
  /** The socket has closed; `onClose` is told, or owed behind `held`. */
  private gone: boolean
  private closed: boolean
  private peerInfo: PeerInfo | null

  constructor(socket: Socket) {
    const taken = socket as Taken
    this.socket = taken
    this.sink = null
    this.paused = false
    this.held = null
    this.heldBytes = 0
    this.input = OPEN
    this.waking = false
    this.gathered = ''
    this.corked = false
    this.full = false
    this.ended = false
    this.left = false
    this.aborted = false
    this.writeError = null
    this.writeErrorTold = false
    this.lost = 0
    this.corkedBytes = 0
    this.error = null
    this.gone = socket.closed
    this.closed = false
    this.peerInfo = null
    taken.hyperIo = this
    socket.on('error', onSocketError)
    socket.on('close', onSocketClose)
    this.adopt()
  }

  /** @internal */
  get below(): Socket {
    return this.socket
  }

  get peer(): PeerInfo {
    this.peerInfo ??= new NodePeer(this.socket)
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
  }

  resume(): void {
    if (!this.paused) return
    this.paused = false
    this.wake()
  }

  write(data: Uint8Array | string, more: boolean = false): WriteResult {
    if (this.gone || this.left || this.ended) return TAKEN
    if (this.writeError !== null || this.lost > 0) {
      this.lost += data.length
      return TAKEN
    }
    if (more) return this.gather(data)
    if (this.gathered !== '' && typeof data === 'string') {
      const text = this.gathered + data
      this.gathered = ''
      return this.send(text)
    }
    return this.corked || this.gathered !== '' ? this.sendGathered(data) : this.send(data)
  }

  end(): void {
    if (this.ended || this.left || this.gone) return
    if (this.writeError === null) this.flush()
    this.ended = true
    if (this.writeError === null) this.socket.end()
    else if (this.input !== OPEN) this.destroy()
  }

  close(): void {
    if (this.left || this.gone) return
    if (this.writeError === null) this.flush()
    this.left = true
    this.dropHeld()
    if (this.writeError !== null) {
      this.destroy()
    } else if (this.socket instanceof TLSSocket) {
      // The peer's own records (session tickets, its close_notify) may be on their way, and would make the kernel reset
      // the connection once it is closed. They are read and dropped until the peer ends or is silent.
      this.socket.end()
      if (this.input !== OPEN) this.socket.destroySoon()
      else this.socket.setTimeout(TLS_CLOSE_WAIT, onCloseTimeout)
      limitClose(this.socket)
    } else {
      // What Node still holds is written first; without that, FIN leaves at once.
      this.socket.destroySoon()
      if (this.socket.writableLength > 0) limitClose(this.socket)
    }
  }

  abort(): void {
    if (this.aborted || this.gone) return
    this.left = true
    this.aborted = true
    this.gathered = ''
    this.dropHeld()
    // While a FIN is on its way out libuv refuses to reset, and Node then loses the handle without closing it: the loop
    // spins for ever on what the peer does. Behind bytes that it does not take, the FIN may never leave.
    if (this.socket.writableEnded && !this.socket.writableFinished) {
      this.destroy()
      return
    }
    try {
      this.socket.resetAndDestroy()
    } catch {
      // A handle that is not TCP has no reset.
      this.destroy()
    }
    // resetAndDestroy of a socket that never had a handle only emits an error.
    if (!this.socket.destroyed) this.destroy()
  }

  // Node takes a socket without a handle for one that is still to connect, and would wait for that with a listener more at
  // each call. One that is gone holds no process open.
  ref(): void {
    if (!this.socket.destroyed) this.socket.ref()
  }

  unref(): void {
    if (!this.socket.destroyed) this.socket.unref()
  }

  /** @internal */
  release(): Socket | null {
    const { socket } = this
    if (this.left || this.gone || this.ended || this.writeError !== null || this.input !== OPEN) return null
    this.flush()
    const held = this.held ?? []
    this.left = true
    this.gone = true
    this.sink = null
    this.dropHeld()
    socket.hyperIo = null
    delete (socket as Partial<Taken>).push
    delete (socket as Partial<Taken>).destroy
    socket.off('error', onSocketError)
    socket.off('close', onSocketClose)
    socket.off('drain', onSocketDrain)
    for (const chunk of held.toReversed()) socket.unshift(chunk)
    return socket
  }

  /** @internal From the socket's `push`. Answers whether the socket should go on reading. */
  take(chunk: Uint8Array): boolean {
    // Reading goes on until `close` is done: bytes that wait unread would turn the FIN into a reset.
    if (this.left) return true
    if (this.paused || this.held !== null || this.sink === null || this.waking) return this.hold(chunk)
    // Whether the sink keeps the memory makes no difference: Node allocates every chunk anew.
    this.sink.onData(chunk)
    return true
  }

  /** @internal The peer's FIN, or what Node takes for it. */
  takeEnd(): void {
    if (this.left) return
    const reset = hiddenReset(this.socket)
    if (reset !== null) {
      destroySocket(this.socket, reset)
      return
    }
    // After a reset that a write has seen first, the kernel reports the end of the stream instead of the reset: what came
    // may be cut off, so that the end must not be told as one.
    if (this.writeError !== null && codeOf(this.writeError) === 'ECONNRESET') {
      this.destroy()
      return
    }
    this.input = END_HELD
    if (!this.paused && this.held === null && this.sink !== null && !this.waking) this.tellEnd(this.sink)
  }

  /** @internal A write has failed. Answers false where the socket should be destroyed as usual. */
  takeWriteError(error: Error): boolean {
    if (this.left || this.gone || this.input === END_TOLD) return false
    if (this.writeError !== null) return true
    this.writeError = error
    this.lost += this.gathered.length + this.corkedBytes
    this.gathered = ''
    this.full = false
    if (this.sink !== null && !this.waking) this.tellWriteError(this.sink, error)
    if (this.input === END_HELD && this.held === null) this.destroy()
    return true
  }

  /** @internal */
  takeDrain(): void {
    if (!this.full || this.left || this.socket.writableLength > 0) return
    this.full = false
    this.sink?.onDrain()
  }

  /** @internal */
  takeError(error: Error): void {
    this.error ??= error
  }

  /** @internal The socket is gone. */
  takeClose(): void {
    this.gone = true
    this.error ??= this.writeError
    if (this.aborted) this.error = null
    if (this.sink !== null && !this.waking) this.tellClose(this.sink)
  }

  /** @internal What arrived, and what happened, while nobody wanted it. Runs from the event loop only. */
  flushHeld(): void {
    this.waking = false
    if (this.writeError !== null && this.sink !== null) this.tellWriteError(this.sink, this.writeError)
    while (this.held !== null && !this.paused && this.sink !== null && !this.mayForget()) {
      const chunk = this.held.shift()
      if (chunk === undefined) {
        this.dropHeld()
      } else {
        this.heldBytes -= chunk.length
        this.sink.onData(chunk)
      }
    }
    if (this.paused || this.sink === null) return
    if (this.input === END_HELD && !this.mayForget()) this.tellEnd(this.sink)
    if (this.gone) this.tellClose(this.sink)
    // Only a socket that is still there, and was stopped by `hold`, needs to be told to go on. Its `_read` does
    // nothing when it is reading already.
    else if (this.input === OPEN && !this.socket.destroyed) this.socket._read(0)
  }

  /** The bytes before an error are dropped: nobody was there to take them, and the loss must be seen at once. */
  private mayForget(): boolean {
    return this.left || this.closed || (this.gone && this.error !== null && this.writeError === null)
  }

  private adopt(): void {
    const socket = this.socket
    // What the stream has buffered before us; from here on nothing goes through its buffer.
    if (socket.readableFlowing === true) socket.pause()
    while (socket.readableLength > 0) this.hold(socket.read() as Uint8Array)
    if (socket.readableEnded) this.input = END_HELD
    socket.push = takenPush
    socket.destroy = takenDestroy as Taken['destroy']
    if (socket.closed || socket.readableEnded || this.held !== null) return
    socket._read(0)
  }

  private hold(chunk: Uint8Array): boolean {
    if (this.held === null) this.held = [chunk]
    else this.held.push(chunk)
    this.heldBytes += chunk.length
    return this.heldBytes < READ_AHEAD
  }

  private dropHeld(): void {
    this.held = null
    this.heldBytes = 0
  }

  /** Deliveries never happen inside `start` and `resume`: those may be called by a sink. */
  private wake(): void {
    if (this.waking) return
    if (this.held === null && this.input !== END_HELD && !this.gone && this.writeError === null) return
    this.waking = true
    process.nextTick(flushHeld, this)
  }

  private tellWriteError(sink: IoSink, error: Error): void {
    if (this.writeErrorTold || this.closed) return
    this.writeErrorTold = true
    sink.onWriteError(error, this.lost)
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
    this.dropHeld()
    sink.onClose(this.error)
  }

  private destroy(): void {
    destroySocket(this.socket)
  }

  /** Strings are joined, which costs less than a gathering write does; bytes go through the stream's own. */
  private gather(data: Uint8Array | string): WriteResult {
    if (typeof data === 'string' && !this.corked) {
      this.gathered += data
      if (this.gathered.length < this.socket.writableHighWaterMark) return QUEUED
      this.flush()
      return this.result()
    }
    this.cork()
    this.corkedBytes += data.length
    this.socket.write(data as string, 'latin1')
    // Who is told FULL waits for the drain, which would never come while the stream is corked.
    if (this.socket.writableNeedDrain) this.flush()
    return this.result()
  }

  private sendGathered(data: Uint8Array | string): WriteResult {
    this.cork()
    this.corkedBytes += data.length
    this.socket.write(data as string, 'latin1')
    this.flush()
    return this.result()
  }

  private cork(): void {
    if (!this.corked) {
      this.corked = true
      this.socket.cork()
    }
    const text = this.gathered
    this.gathered = ''
    this.corkedBytes += text.length
    if (text !== '') this.socket.write(text, 'latin1')
  }

  private flush(): void {
    const text = this.gathered
    this.gathered = ''
    if (text !== '') this.socket.write(text, 'latin1')
    const bytes = text.length + this.corkedBytes
    if (this.corked) {
      this.corked = false
      this.corkedBytes = 0
      this.socket.uncork()
    }
    this.noteRefusal(bytes)
  }

  private send(data: Uint8Array | string): WriteResult {
    // The encoding is ignored for bytes.
    this.socket.write(data as string, 'latin1')
    this.noteRefusal(data.length)
    return this.result()
  }

  // Node hands a write to the kernel at once where none is under way: one system call, for TLS once all of it is encrypted.
  // When that fails the stream has its error by now, and the kernel has nothing. When the kernel takes a part, or the write
  // has to wait, the rest is libuv's, and an error of that comes from the event loop: how much has left is not known.
  private noteRefusal(bytes: number): void {
    if (this.socket.errored !== null) this.lost += bytes
  }

  private result(): WriteResult {
    const socket = this.socket
    if (socket.writableLength === 0) return TAKEN
    if (!socket.writableNeedDrain) return this.full ? FULL : QUEUED
    if (!this.full) {
      this.full = true
      // Once in the life of most connections that need it at all: not installed on those that do not.
      if (socket.listenerCount('drain') === 0) socket.on('drain', onSocketDrain)
    }
    return FULL
  }
}

function takenPush(this: Socket, chunk: Uint8Array | null): boolean {
  const io = (this as Taken).hyperIo as NodeIo
  if (chunk !== null) return chunk.length === 0 || io.take(chunk)
  io.takeEnd()
  // The stream must know its end as well: it closes the socket once both halves are done.
  return Duplex.prototype.push.call(this, null)
}

/**
 * What a socket reads whose `onread` leads here; `nodeIo` has to be made of it before it reads.
 * @internal
 */
export function takeRead(socket: Socket, chunk: Uint8Array): boolean {
  const { hyperIo } = socket as Taken
  return hyperIo == null ? socket.push(chunk) : hyperIo.take(chunk)
}

function takenDestroy(this: Socket, error?: Error): Socket {
  const io = (this as Taken).hyperIo as NodeIo
  if (error != null && isWriteError(error) && io.takeWriteError(error)) return this
  return destroySocket(this, error)
}

/** The method that `takenDestroy` hides. */
function destroySocket(socket: Socket, error?: Error): Socket {
  return (Object.getPrototypeOf(socket) as Socket).destroy.call(socket, error)
}

function onSocketError(this: Socket, error: Error): void {
  ;(this as Taken).hyperIo?.takeError(error)
}

function onSocketClose(this: Socket): void {
  ;(this as Taken).hyperIo?.takeClose()
}

function onSocketDrain(this: Socket): void {
  ;(this as Taken).hyperIo?.takeDrain()
}

function limitClose(socket: Socket): void {
  const timer = setTimeout(destroySocket, CLOSE_LIMIT, socket)
  // The socket keeps the process alive for as long as it is there.
  timer.unref()
  socket.once('close', () => clearTimeout(timer))
}

function onCloseTimeout(this: Socket): void {
  destroySocket(this)
}

function flushHeld(io: NodeIo): void {
  io.flushHeld()
}

function isWriteError(error: Error): boolean {
  const syscall: unknown = 'syscall' in error ? error.syscall : undefined
  // Node's own EPIPE, for a write after the peer's FIN where half-open is not allowed, names no system call.
  return syscall === 'write' || syscall === 'shutdown' || codeOf(error) === 'EPIPE'
}

function codeOf(error: Error): unknown {
  return 'code' in error ? error.code : undefined
}
