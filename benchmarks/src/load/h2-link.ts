// A bare HTTP/2 client connection over `node:net`: canned request heads, credit counted both ways, nothing else. It is the load for
// HTTP/2 (holding, transfers, requests where there is no h2load) and the floor of the clients.
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import {
  ACK,
  DATA,
  DEFAULT_WINDOW,
  END_HEADERS,
  END_STREAM,
  frame,
  FRAME_SIZE,
  FrameSplitter,
  GOAWAY,
  HEAD_SIZE,
  HEADERS,
  INITIAL_WINDOW_SIZE,
  literal,
  PING,
  PREFACE,
  RST_STREAM,
  settings,
  SETTINGS,
  WINDOW_UPDATE,
  windowUpdate,
} from './h2-frames.ts'

/** What we let a server send, on a stream and on the connection. */
const WINDOW = 16 * 1024 * 1024
const MOST_FRAMES = 4
/** One read buffer serves all connections: what is read is looked at before the next read. */
const READ = Buffer.alloc(262_144)

/** A body of zeros on its way up. */
interface Upload {
  readonly frames: Buffer
  left: number
  window: number
}

export interface LinkEvents {
  /** The server's SETTINGS are here. */
  onReady(): void
  /** A stream's answer is complete. */
  onEnd(stream: number): void
  onFail(error: Error): void
}

export class H2Link {
  /** Bytes of all bodies that have come. */
  received: number
  /** Bytes of all bodies that have gone. */
  sent: number
  private readonly events: LinkEvents
  private readonly socket: Socket
  private readonly splitter: FrameSplitter
  private readonly first: Buffer
  private next: number
  private isReady: boolean
  private sendWindow: number
  private peerWindow: number
  private readonly uploads: Map<number, Upload>
  private owed: number
  private readonly owedByStream: Map<number, number>

  constructor(port: number, events: LinkEvents) {
    this.events = events
    this.received = 0
    this.sent = 0
    this.next = 1
    this.isReady = false
    this.sendWindow = DEFAULT_WINDOW
    this.peerWindow = DEFAULT_WINDOW
    this.uploads = new Map()
    this.owed = 0
    this.owedByStream = new Map()
    this.first = literal(1, `127.0.0.1:${port}`)
    this.splitter = new FrameSplitter((kind, flags, stream, payload, isLast) =>
      this.take(kind, flags, stream, payload, isLast),
    )
    const callback = (size: number, buffer: Uint8Array): boolean => {
      this.splitter.receive(Buffer.from(buffer.buffer, buffer.byteOffset, size))
      return true
    }
    const onread = { buffer: READ, callback }
    this.socket = connect({ host: '127.0.0.1', port, noDelay: true, onread })
    this.socket.write(PREFACE, 'latin1')
    this.socket.write(settings([INITIAL_WINDOW_SIZE, WINDOW]))
    this.socket.write(windowUpdate(0, WINDOW - DEFAULT_WINDOW))
    this.socket.on('drain', () => this.send())
    this.socket.on('error', (error) => events.onFail(error))
    this.socket.on('close', () => events.onFail(new Error('the server closed a connection')))
  }

  /** A GET. @returns its stream */
  get(path: string): number {
    const id = this.takeId()
    this.socket.write(frame(HEADERS, END_STREAM | END_HEADERS, id, this.head(0x82, path, id)))
    return id
  }

  /** Several requests for `/` in one write. @returns the first one's stream; each next one is 2 higher */
  getMany(count: number): number {
    const id = this.next
    const heads: Buffer[] = []
    for (let at = 0; at < count; at += 1) {
      const stream = this.takeId()
      heads.push(frame(HEADERS, END_STREAM | END_HEADERS, stream, this.head(0x82, '/', stream)))
    }
    this.socket.write(heads.length === 1 ? heads[0]! : Buffer.concat(heads))
    return id
  }

  /** A POST of so many zeros. @returns its stream */
  post(path: string, bytes: number): number {
    const id = this.takeId()
    this.socket.write(frame(HEADERS, END_HEADERS, id, this.head(0x83, path, id)))
    const one = frame(DATA, 0, id, Buffer.alloc(FRAME_SIZE))
    const frames = Buffer.concat(Array.from({ length: MOST_FRAMES }, () => one))
    this.uploads.set(id, { frames, left: bytes, window: this.peerWindow })
    if (this.isReady) this.send()
    return id
  }

  close(): void {
    this.socket.removeAllListeners('close')
    this.socket.destroy()
  }

  private takeId(): number {
    const id = this.next
    this.next += 2
    return id
  }

  // The authority goes into the table with the first request (RFC 7541 §2.3.3: 62 is the newest entry).
  private head(method: number, path: string, id: number): Buffer {
    const authority = id === 1 ? this.first : Buffer.of(0x80 | 62)
    if (path === '/') return Buffer.concat([Buffer.of(method, 0x86, 0x84), authority])
    const text = Buffer.from(path, 'latin1')
    return Buffer.concat([Buffer.of(method, 0x86), authority, Buffer.of(0x04, text.length), text])
  }

  private take(kind: number, flags: number, stream: number, payload: Buffer, isLast: boolean): void {
    switch (kind) {
      case DATA:
        this.credit(stream, payload.length)
        if (isLast && (flags & END_STREAM) !== 0) this.end(stream)
        return
      case HEADERS:
        if (!isGood(payload)) this.events.onFail(new Error(`not 200: ${payload.toString('hex')}`))
        if ((flags & END_STREAM) !== 0) this.end(stream)
        return
      case SETTINGS:
        if ((flags & ACK) === 0) this.takeSettings(payload)
        return
      case PING:
        if ((flags & ACK) === 0) this.socket.write(frame(PING, ACK, 0, payload))
        return
      case WINDOW_UPDATE:
        this.takeWindow(stream, payload.readUInt32BE() & 0x7fffffff)
        return
      case RST_STREAM:
      case GOAWAY:
        this.events.onFail(new Error(`frame of kind ${kind}: ${payload.toString('latin1')}`))
    }
  }

  private end(stream: number): void {
    this.owedByStream.delete(stream)
    this.uploads.delete(stream)
    this.events.onEnd(stream)
  }

  private credit(stream: number, bytes: number): void {
    this.received += bytes
    this.owed += bytes
    if (this.owed >= WINDOW / 2) {
      this.socket.write(windowUpdate(0, this.owed))
      this.owed = 0
    }
    // A small answer never needs credit.
    if (bytes < 1024) return
    const owed = (this.owedByStream.get(stream) ?? 0) + bytes
    if (owed < WINDOW / 2) this.owedByStream.set(stream, owed)
    else {
      this.owedByStream.set(stream, 0)
      this.socket.write(windowUpdate(stream, owed))
    }
  }

  private takeSettings(payload: Buffer): void {
    for (let at = 0; at + 6 <= payload.length; at += 6) {
      if (payload.readUInt16BE(at) !== INITIAL_WINDOW_SIZE) continue
      const size = payload.readUInt32BE(at + 2)
      for (const upload of this.uploads.values()) upload.window += size - this.peerWindow
      this.peerWindow = size
    }
    this.socket.write(frame(SETTINGS, ACK, 0))
    if (!this.isReady) {
      this.isReady = true
      this.events.onReady()
    }
    this.send()
  }

  private takeWindow(stream: number, increment: number): void {
    const upload = this.uploads.get(stream)
    if (stream === 0) this.sendWindow += increment
    else if (upload !== undefined) upload.window += increment
    this.send()
  }

  // In turns, a batch of frames each, until nothing may go any more.
  private send(): void {
    for (let moved = true; moved;) {
      moved = false
      for (const [id, upload] of this.uploads) {
        if (this.socket.writableNeedDrain) return
        if (upload.left > 0 && this.sendSome(id, upload)) moved = true
      }
    }
  }

  private sendSome(id: number, upload: Upload): boolean {
    const most = Math.min(upload.left, upload.window, this.sendWindow)
    if (most <= 0) return false
    const whole = Math.min(Math.floor(most / FRAME_SIZE), MOST_FRAMES)
    const size = whole > 0 ? whole * FRAME_SIZE : most
    if (whole > 0) this.socket.write(upload.frames.subarray(0, whole * (FRAME_SIZE + HEAD_SIZE)))
    else this.socket.write(frame(DATA, 0, id, Buffer.alloc(most)))
    upload.left -= size
    upload.window -= size
    this.sendWindow -= size
    this.sent += size
    if (upload.left === 0) this.socket.write(frame(DATA, END_STREAM, id))
    return true
  }
}

// `:status: 200` is entry 8 of the static table; a table size update may come before it.
function isGood(block: Buffer): boolean {
  let at = 0
  while (((block[at] ?? 0) & 0xe0) === 0x20) at += (block[at] ?? 0) === 0x3f ? 3 : 1
  return block[at] === 0x88
}
