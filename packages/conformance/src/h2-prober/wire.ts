// One raw HTTP/2 connection, over TCP or TLS, seen from either side. In: bytes to send. Out: the frames that came, whole, and how it
// ended. It sends nothing of its own but the acknowledgement of the other side's SETTINGS, and repairs nothing.
import { connect as connectTcp, Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import {
  ACK,
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  errorName,
  frame,
  GOAWAY,
  HAS_PRIORITY,
  HEADERS,
  PADDED,
  PING,
  PREFACE,
  RST_STREAM,
  SETTINGS,
} from './frames.ts'
import { HpackReader, type Field } from './hpack.ts'

/** Where a server is. */
export interface Place {
  readonly host: string
  readonly port: number
  /** TLS with ALPN `h2`; certificates are not judged. Default: cleartext with prior knowledge. */
  readonly tls?: boolean | undefined
}

/** A frame that came. */
export interface Got {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: Buffer
  /** Of HEADERS, once their block is complete. */
  fields: readonly Field[] | null
}

/** What a stream has brought. */
export interface StreamView {
  /** Interim responses. */
  readonly interim: readonly (readonly Field[])[]
  readonly head: readonly Field[] | null
  readonly status: number
  readonly body: Buffer
  readonly trailers: readonly Field[] | null
  readonly ended: boolean
  /** The code of RST_STREAM, or -1. */
  readonly reset: number
}

export class Wire {
  readonly frames: Got[] = []
  readonly opened: Promise<void>
  /** The other side has ended or reset the connection. */
  closed: boolean = false
  wasReset: boolean = false
  failed: string | null = null
  localPort: number = 0
  /** What came is no HTTP/2. */
  malformed: string | null = null
  /** Send the acknowledgement of SETTINGS. */
  acks: boolean = true
  /** Bytes received. */
  received: number = 0
  readonly socket: Socket
  private rest: Buffer = Buffer.alloc(0)
  private readonly toSkip: number
  private skipped: boolean = false
  private open: Got | null = null
  private blockParts: Buffer[] = []
  private readonly reader = new HpackReader()
  private readonly wakers = new Set<() => void>()

  /** Connects to a place as a client, or takes a socket that a server has accepted. */
  constructor(source: Place | Socket) {
    const isServer = source instanceof Socket
    this.socket = isServer ? source : open(source)
    this.toSkip = isServer ? PREFACE.length : 0
    this.localPort = isServer ? (source.localPort ?? 0) : 0
    this.opened = isServer
      ? Promise.resolve()
      : this.connected(source.tls === true ? 'secureConnect' : 'connect')
    this.socket.on('data', (chunk: Buffer) => this.take(chunk))
    this.socket.on('end', () => this.over())
    this.socket.on('close', () => this.over())
    this.socket.on('error', (error: NodeJS.ErrnoException) => {
      if (this.localPort === 0) this.failed = error.code ?? error.message
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') this.wasReset = true
      this.over()
    })
  }

  private connected(event: string): Promise<void> {
    return new Promise((resolve) => {
      this.socket.once(event, () => {
        this.localPort = this.socket.localPort ?? 0
        resolve()
      })
      this.socket.once('close', () => resolve())
    })
  }

  /** Writes; resolves when the socket has room again (or is gone). */
  async send(bytes: Uint8Array): Promise<void> {
    if (this.closed || this.socket.destroyed || this.socket.write(bytes)) return
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.socket.off('drain', done)
        this.wakers.delete(check)
        resolve()
      }
      const check = (): void => {
        if (this.closed) done()
      }
      this.wakers.add(check)
      this.socket.once('drain', done)
    })
  }

  /** Resolves with true when `done` says so, with what it says then when the connection is over or patience is. */
  until(done: (wire: Wire) => boolean, patience: number): Promise<boolean> {
    if (this.closed || done(this)) return Promise.resolve(done(this))
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer)
        this.wakers.delete(check)
        resolve(done(this))
      }
      const check = (): void => {
        if (this.closed || done(this)) finish()
      }
      const timer = setTimeout(finish, patience)
      this.wakers.add(check)
    })
  }

  /** The error code of the last GOAWAY, or -1. */
  get goAway(): number {
    const last = this.frames.findLast(({ type }) => type === GOAWAY)
    return last === undefined ? -1 : last.payload.readUInt32BE(4)
  }

  /** The last stream of the last GOAWAY, or -1. */
  get lastStream(): number {
    const last = this.frames.findLast(({ type }) => type === GOAWAY)
    return last === undefined ? -1 : last.payload.readUInt32BE(0)
  }

  has(type: number, flags: number): boolean {
    return this.frames.some((got) => got.type === type && (got.flags & flags) === flags)
  }

  /** Whether a ping with this payload was answered. */
  ponged(payload: string): boolean {
    return this.frames.some(
      (got) => got.type === PING && (got.flags & ACK) !== 0 && got.payload.toString('latin1') === payload,
    )
  }

  /** What the server's SETTINGS say about an id; null when nothing. */
  setting(id: number): number | null {
    let value: number | null = null
    for (const { type, payload } of this.frames) {
      if (type !== SETTINGS) continue
      for (let at = 0; at + 6 <= payload.length; at += 6) {
        if (payload.readUInt16BE(at) === id) value = payload.readUInt32BE(at + 2)
      }
    }
    return value
  }

  view(stream: number): StreamView {
    const own = this.frames.filter((got) => got.stream === stream)
    const lists = own
      .filter(({ type, fields }) => type === HEADERS && fields !== null)
      .map(({ fields }) => fields ?? [])
    const final = lists.findIndex((fields) => statusOf(fields) >= 200)
    const head = final < 0 ? null : (lists[final] ?? null)
    const resets = own.filter(({ type }) => type === RST_STREAM)
    return {
      interim: lists.slice(0, final < 0 ? undefined : final),
      head,
      status: head === null ? 0 : statusOf(head),
      body: Buffer.concat(own.filter(({ type }) => type === DATA).map(({ payload }) => payload)),
      trailers: final < 0 ? null : (lists[final + 1] ?? null),
      ended: own.some(({ type, flags }) => (type === HEADERS || type === DATA) && (flags & END_STREAM) !== 0),
      reset: resets.length === 0 ? -1 : (resets[0]?.payload.readUInt32BE(0) ?? -1),
    }
  }

  /** One line about what came. */
  describe(): string {
    if (this.failed !== null) return `no connection: ${this.failed}`
    const parts: string[] = this.malformed === null ? [] : [this.malformed]
    for (const id of new Set(this.frames.map(({ stream }) => stream))) {
      if (id === 0) continue
      const { status, body, ended, reset } = this.view(id)
      const end = reset >= 0 ? ` reset ${errorName(reset)}` : ended ? ' ended' : ''
      if (parts.length < 6) parts.push(`${id}: ${status} +${body.length}${end}`)
    }
    if (this.goAway >= 0) parts.push(`GOAWAY ${errorName(this.goAway)}`)
    parts.push(this.wasReset ? 'connection reset' : this.closed ? 'closed' : 'open')
    return parts.join(', ')
  }

  destroy(): void {
    this.socket.destroy()
  }

  private take(chunk: Buffer): void {
    this.received += chunk.length
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk])
    this.skipPreface()
    while (this.skipped && this.malformed === null && this.rest.length >= 9) {
      const end = 9 + this.rest.readUIntBE(0, 3)
      if (end > 9 + 0xff_ffff || this.rest.length < end) break
      const payload = Buffer.from(this.rest.subarray(9, end))
      const [type = 0, flags = 0] = [this.rest[3], this.rest[4]]
      const stream = this.rest.readUInt32BE(5) & 0x7fffffff
      this.rest = this.rest.subarray(end)
      this.note({ type, flags, stream, payload, fields: null })
    }
    for (const wake of this.wakers) wake()
  }

  // RFC 9113 §3.4: what a client says first.
  private skipPreface(): void {
    if (this.skipped || this.rest.length < this.toSkip) return
    this.skipped = true
    if (this.toSkip > 0 && !this.rest.subarray(0, this.toSkip).equals(PREFACE))
      this.malformed = 'no client preface'
    this.rest = this.rest.subarray(this.toSkip)
  }

  private note(raw: Got): void {
    const got = unpadded(raw)
    this.frames.push(got)
    if (this.frames.length === 1 && got.type !== SETTINGS)
      this.malformed = `the first frame is of type ${got.type}, not SETTINGS`
    if (got.type === HEADERS) this.open = got
    if (got.type === HEADERS || got.type === CONTINUATION) {
      this.blockParts.push(got.payload)
      if ((got.flags & END_HEADERS) !== 0) this.readBlock()
    }
    if (got.type === SETTINGS && (got.flags & ACK) === 0 && this.acks) void this.send(frame(SETTINGS, ACK, 0))
  }

  private readBlock(): void {
    try {
      const fields = this.reader.read(Buffer.concat(this.blockParts))
      if (this.open !== null) this.open.fields = fields
    } catch (error) {
      this.malformed = `HPACK: ${error instanceof Error ? error.message : String(error)}`
    }
    this.blockParts = []
  }

  private over(): void {
    if (this.closed) return
    this.closed = true
    for (const wake of this.wakers) wake()
  }
}

function open({ host, port, tls }: Place): Socket {
  if (tls !== true) return connectTcp({ host, port, allowHalfOpen: true, noDelay: true })
  return connectTls({ host, port, ALPNProtocols: ['h2'], rejectUnauthorized: false, servername: 'localhost' })
}

function statusOf(fields: readonly Field[]): number {
  return Number(fields.find(([name]) => name === ':status')?.[1] ?? 0)
}

function unpadded(got: Got): Got {
  if (got.type !== DATA && got.type !== HEADERS) return got
  let { payload } = got
  if ((got.flags & PADDED) !== 0) payload = payload.subarray(1, payload.length - (payload[0] ?? 0))
  if (got.type === HEADERS && (got.flags & HAS_PRIORITY) !== 0) payload = payload.subarray(5)
  return { ...got, payload }
}
