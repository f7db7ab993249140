import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { type HyperError, userError } from '@hyper/core/error'
import { protocolKey } from '@hyper/core/h2'
import { HeaderMap, HttpResponse } from '@hyper/core/http'
import type { Io, IoSink, PeerInfo, WriteResult } from '@hyper/core/rt'
import { FULL, QUEUED, TAKEN } from '@hyper/core/rt'
import { IoDuplex } from '@hyper/util/node'
import type { NodeSocket } from './socket.ts'
import { asSocket } from './socket.ts'
import { linesOf } from './head.ts'
import type { Turn } from './turn.ts'

// Requests that leave HTTP: `upgrade` and `connect` listeners get a stream and write their answer to it as text, head and
// all. In: the bytes that the listener writes. Out: the answer in the engine's terms, which it writes itself; then, when it
// was 101 (2xx to a CONNECT), the bytes of the new protocol, both ways. So that an answer is checked as any other is, and
// so that it can be one of HTTP/2 (RFC 8441), where a WebSocket is a stream.

const HEAD = 0
const SWITCHING = 1
const SWITCHED = 2
const DECLINED = 3
const GONE = 4

/** Of the head that a listener writes, and of the body of one that declines. */
const MAX_HELD = 1_048_576
/** Beyond this a writer is told to wait while the switch is under way. */
const ENOUGH = 65_536

/** Tells the listeners of `event`, and answers with what they write. */
export function handOver(turn: Turn, event: 'connect' | 'upgrade'): Promise<HttpResponse> {
  const { host, req, socket } = turn
  const { behind } = turn.driver
  const head = Buffer.from(behind.buffer, behind.byteOffset, behind.byteLength)
  const late = new LateIo(turn, head.length)
  const duplex = new UpgradeSocket(late, socket)
  req.upgrade = true
  req.complete = true
  req.socket = duplex as unknown as Socket
  if (event === 'upgrade' && turn.request.method === 'CONNECT') disguise(turn)
  turn.leave()
  try {
    host.server.emit(event, req, asSocket(duplex as unknown as NodeSocket), head)
  } catch (error) {
    duplex.destroy()
    throw error
  }
  return late.answer
}

/**
 * An extended CONNECT as the request of HTTP/1 that it stands for, so that what handles those (ws) handles it. The fields
 * that HTTP/2 does without (RFC 8441 §5) are made up, and those of the answer are dropped.
 */
function disguise({ exchange, req, request }: Turn): void {
  const protocol = exchange.extensions.get(protocolKey) ?? ''
  const raw = [...req.rawHeaders, 'connection', 'Upgrade', 'upgrade', protocol]
  if (protocol === 'websocket' && !request.headers.has('sec-websocket-key'))
    raw.push('sec-websocket-key', randomBytes(16).toString('base64'))
  req.method = 'GET'
  req.complete = false
  req._addHeaderLines(raw, raw.length)
  req.complete = true
}

/** What listeners of `upgrade` and `connect` get: a stream with what they ask of a socket. */
export class UpgradeSocket extends IoDuplex {
  readonly server: NodeSocket['server']
  private readonly below: NodeSocket
  private isReset: boolean = false

  constructor(io: Io, below: NodeSocket) {
    super(io)
    this.below = below
    this.server = below.server
  }

  get remoteFamily(): string | undefined {
    return this.below.remoteFamily
  }

  get localAddress(): string | undefined {
    return this.below.localAddress
  }

  get localPort(): number | undefined {
    return this.below.localPort
  }

  get authorized(): boolean {
    return this.below.authorized
  }

  getPeerCertificate(detailed?: boolean): object {
    return this.below.getPeerCertificate(detailed)
  }

  /** Destroys the stream, and has the peer see a reset. */
  resetAndDestroy(): this {
    this.isReset = true
    return this.destroy()
  }

  // As a net.Socket: what was written before is still delivered.
  protected override leave(io: Io): void {
    if (this.isReset) io.abort()
    else io.close()
  }

  destroySoon(): void {
    if (this.writable) this.end()
    if (this.writableFinished) this.destroy()
    else this.once('finish', () => this.destroy())
  }
}

/** A stream that is there once the answer was given; until then it reads the answer. */
class LateIo implements Io {
  /** What the engine answers with. */
  readonly answer: Promise<HttpResponse>
  private readonly turn: Turn
  private readonly isConnect: boolean
  private state: number = HEAD
  private inner: Io | null = null
  private sink: IoSink | null = null
  private isPaused: boolean = false
  private isEnding: boolean = false
  private isClosing: boolean = false
  private owesDrain: boolean = false
  private text: string = ''
  private held: Buffer[] = []
  private heldBytes: number = 0
  private declined: HttpResponse | null = null
  /** Of the body of one that declines, where its head says so; else it ends with the stream. */
  private length: number = Infinity
  private resolve!: (answer: HttpResponse) => void
  /** Bytes of the new protocol that the listener has as `head`. */
  private readonly known: number

  constructor(turn: Turn, known: number) {
    this.turn = turn
    this.known = known
    this.isConnect = turn.request.method === 'CONNECT'
    this.answer = new Promise((resolve) => {
      this.resolve = resolve
    })
    turn.exchange.onCancel(() => this.gone())
  }

  get peer(): PeerInfo {
    return this.inner?.peer ?? this.turn.exchange.peer
  }

  start(sink: IoSink): void {
    this.sink = sink
    this.isPaused = false
    this.inner?.start(sink)
  }

  pause(): void {
    this.isPaused = true
    this.inner?.pause()
  }

  resume(): void {
    this.isPaused = false
    this.inner?.resume()
  }

  write(data: Uint8Array | string, more?: boolean): WriteResult {
    if (this.inner !== null) return this.inner.write(data, more)
    if (this.state === HEAD) this.readHead(data)
    else if (this.state === SWITCHING || this.state === DECLINED) this.hold(data)
    else return TAKEN
    if (this.state !== SWITCHING || this.heldBytes < ENOUGH) return QUEUED
    this.owesDrain = true
    return FULL
  }

  end(): void {
    if (this.inner !== null) this.inner.end()
    else if (this.state === SWITCHING) this.isEnding = true
    else if (this.state === DECLINED) this.decline()
    else this.abort()
  }

  close(): void {
    if (this.inner !== null) this.inner.close()
    else if (this.state === SWITCHING) this.isClosing = true
    else this.abort()
  }

  abort(): void {
    if (this.inner !== null) this.inner.abort()
    else if (this.state === DECLINED) this.decline()
    else if (this.state !== GONE)
      this.lose(userError('CANCELED', 'the upgrade was given up without an answer'))
  }

  ref(): void {
    this.inner?.ref()
  }

  unref(): void {
    this.inner?.unref()
  }

  // ------------------------------------------------------------------ the answer

  private readHead(data: Uint8Array | string): void {
    this.text += typeof data === 'string' ? data : Buffer.from(data).toString('latin1')
    const end = this.text.indexOf('\r\n\r\n')
    if (end < 0) {
      if (this.text.length > ENOUGH) this.misfit('its head is too long')
      return
    }
    const head = this.text.slice(0, end)
    const rest = this.text.slice(end + 4)
    this.text = ''
    const line = head.split('\r\n', 1)[0] ?? ''
    const [, code, reason = ''] = STATUS_LINE.exec(line) ?? []
    if (code === undefined) {
      this.misfit('it does not begin with a status line')
      return
    }
    const status = Number(code)
    try {
      const headers = linesOf(head.slice(line.length)) ?? new HeaderMap()
      const switches = this.isConnect && !this.isDisguised ? status >= 200 && status < 300 : status === 101
      if (switches) this.accept(status, headers, reason)
      else this.beginDecline(status, headers, reason)
    } catch (error) {
      this.turn.host.report(error)
      this.misfit('its head cannot be sent')
      return
    }
    this.hold(rest)
  }

  /** A WebSocket over HTTP/2. */
  private get isDisguised(): boolean {
    return this.isConnect && this.turn.req.method !== 'CONNECT'
  }

  private accept(status: number, headers: HeaderMap, reason: string): void {
    this.state = SWITCHING
    if (this.isDisguised)
      for (const name of ['connection', 'upgrade', 'sec-websocket-accept']) headers.delete(name)
    this.turn.exchange.upgrade().then(
      ({ io, leftover }) => this.open(io, leftover),
      () => this.gone(),
    )
    this.resolve(
      new HttpResponse(null, { status: this.isDisguised ? 200 : status, reason: reason || null, headers }),
    )
  }

  private beginDecline(status: number, headers: HeaderMap, reason: string): void {
    this.length = lengthOf(status, headers)
    headers.delete('content-length')
    headers.delete('transfer-encoding')
    headers.set('connection', 'close')
    this.declined = new HttpResponse(null, { status, headers, reason: reason || null })
    this.state = DECLINED
  }

  private decline(): void {
    const { declined } = this
    if (declined === null || this.state !== DECLINED) return
    this.state = GONE
    const body = Buffer.concat(this.held)
    this.resolve(declined.with({ body: body.subarray(0, Math.min(this.length, body.length)) }))
    this.held = []
    process.nextTick(() => this.sink?.onClose(null))
  }

  private misfit(why: string): void {
    const error = userError('INVALID_STATE', `an upgrade was answered with what is no response: ${why}`)
    this.turn.host.report(error)
    this.lose(error)
  }

  private lose(error: HyperError): void {
    this.turn.giveUp(error)
    this.gone()
  }

  private hold(data: Uint8Array | string): void {
    const chunk = typeof data === 'string' ? Buffer.from(data, 'latin1') : Buffer.from(data)
    if (chunk.length > 0) this.held.push(chunk)
    this.heldBytes += chunk.length
    if (this.state !== DECLINED) return
    if (this.heldBytes > MAX_HELD) this.misfit('its body is too long')
    // Who has written all of it may go on to wait for the client's end.
    else if (this.heldBytes >= this.length) this.decline()
  }

  // ------------------------------------------------------------------ the stream

  private open(io: Io, leftover: Uint8Array): void {
    const { held, sink } = this
    if (this.state === GONE || sink === null) {
      io.abort()
      return
    }
    this.state = SWITCHED
    this.inner = io
    this.held = []
    const wasPaused = this.isPaused
    if (leftover.length > this.known) sink.onData(leftover.subarray(this.known))
    io.start(sink)
    if (wasPaused || this.isPaused) io.pause()
    let last: WriteResult = TAKEN
    for (const chunk of held) last = io.write(chunk)
    if (this.owesDrain && last !== FULL) sink.onDrain()
    if (this.isClosing) io.close()
    else if (this.isEnding) io.end()
  }

  // Without an error: who decides whether to switch may not listen for one yet, and no client may end the process.
  private gone(): void {
    if (this.state === GONE || this.inner !== null) return
    this.state = GONE
    this.held = []
    this.resolve(new HttpResponse())
    process.nextTick(() => this.sink?.onClose(null))
  }
}

function lengthOf(status: number, headers: HeaderMap): number {
  if (status === 204 || status === 304) return 0
  const length = headers.first('content-length')
  return length !== null && /^\d+$/.test(length) ? Number(length) : Infinity
}

const STATUS_LINE = /^HTTP\/1\.[01] ([1-9]\d\d)(?: (.*))?$/
