import { frames, MockIo, seededRandom, VirtualRuntime, type FrameField } from '@hyper/testkit'
import { Body, channel, withTrailers, type BodySender } from '../../src/body/index.ts'
import { handshake } from '../../src/drive/h2-handshake.ts'
import type { H2ClientConnection } from '../../src/drive/h2-client-connection.ts'
import type { H2ServerConnection } from '../../src/drive/h2-server-connection.ts'
import { serveConnection } from '../../src/drive/serve-h2-connection.ts'
import { upgraded } from '../../src/drive/upgraded.ts'
import { HyperError } from '../../src/error/index.ts'
import { HeaderMap } from '../../src/http/header-map.ts'
import { HttpRequest } from '../../src/http/request.ts'
import { HttpResponse } from '../../src/http/response.ts'
import type { Io, IoSink } from '../../src/rt/index.ts'
import type { Exchange } from '../../src/service/service.ts'
import { FrameLog } from '../h2/read-frames.ts'
import { Books } from './h2-books.ts'

// Runs random sequences of what peers, transports, services and callers do through the HTTP/2 drivers, then closes the
// transport, and says what is wrong, if anything. It checks:
// - nothing throws into the transport, and what is told to `onError` is what somebody has thrown on purpose;
// - whoever waits is answered: requests, readers and writers of bodies, tunnels, `ready`, `closed`;
// - each request that began ends once, and so does the connection;
// - no stream, no byte, no alarm and no task is left; memory that was lent is not changed (MockIo);
// - what is written can be read, and DATA keeps to the credit (h2-books.ts).

const THROWN = 'on purpose'
const TRAILERS = new HeaderMap({ sum: '1' })
const FORBIDDEN = new HeaderMap({ 'content-length': '1', sum: '2' })

export class Drive {
  readonly io: MockIo = new MockIo()
  readonly runtime: VirtualRuntime = new VirtualRuntime()
  readonly steps: string[] = []
  private readonly isServer: boolean
  private readonly random: () => number
  private readonly connection: H2ServerConnection | H2ClientConnection
  private readonly sender: ReturnType<typeof handshake>['sender'] | null = null
  private readonly log: FrameLog = new FrameLog()
  private readonly books: Books
  private readonly gates: (() => void)[] = []
  private readonly senders: BodySender[] = []
  private readonly tunnels: Io[] = []
  private readonly aborts: AbortController[] = []
  private readonly open: Map<string, number> = new Map()
  private problem: string | null = null
  private waiting: number = 0
  private started: number = 0
  private ended: number = 0
  private connectionEnds: number = 0
  private skip: number
  private nextId: number = 1
  private isGone: boolean = false

  constructor(seed: number, number: number) {
    this.random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b))
    this.isServer = this.pick(2) === 0
    const options = {
      runtime: this.runtime,
      autoDateHeader: false,
      enableConnectProtocol: true,
      maxConcurrentStreams: 8,
      maxSendBufferSize: this.pick(2) === 0 ? 300 : 262_144,
      initialStreamWindowSize: this.pick(2) === 0 ? 400 : 65_535,
      adaptiveWindow: this.pick(2) === 0,
      ...(this.pick(3) === 0 ? { keepAliveInterval: 5_000 } : {}),
      ...(this.pick(3) === 0 ? { headersTimeout: 3_000, bodyIdleTimeout: 4_000 } : {}),
      tracer: {
        onRequestStart: () => void this.started++,
        onRequestEnd: () => void this.ended++,
        onConnectionEnd: () => void this.connectionEnds++,
      },
    }
    if (this.isServer) {
      this.connection = serveConnection(
        this.io,
        (request, exchange) => this.serve(request, exchange),
        options,
      )
    } else {
      const made = handshake(this.io, options)
      this.connection = made.connection
      this.sender = made.sender
    }
    this.skip = this.isServer ? 0 : 24
    this.books = new Books(this.connection.machine)
    this.log.onFrame = (frame) => this.books.sent(frame)
    this.watch('closed', this.connection.closed)
  }

  private pick(count: number): number {
    return Math.floor(this.random() * count)
  }

  /** Whoever waits for this must be answered in the end. */
  private watch(name: string, promise: Promise<unknown>): void {
    this.waiting++
    this.open.set(name, (this.open.get(name) ?? 0) + 1)
    const done = (): void => {
      this.waiting--
      this.open.set(name, this.open.get(name)! - 1)
    }
    promise.then(done, (error: unknown) => {
      done()
      if (error instanceof HyperError || (error as Error).message === THROWN) return
      this.problem ??= `${name} failed with ${String(error)}`
    })
  }

  // ------------------------------------------------------------------ steps

  async run(count: number): Promise<string | null> {
    if (this.pick(15) > 0) this.feed(this.greeting())
    for (let step = 0; step < count && this.problem === null; step++) {
      this.attempt(() => this.step())
      if (this.pick(3) > 0) await this.settle()
    }
    await this.finish()
    return this.problem ?? this.leftOver()
  }

  private greeting(): Uint8Array {
    const first = frames.settings({
      initialWindowSize: [0, 5, 300, 65_535][this.pick(4)]!,
      ...(this.pick(2) === 0 ? { enableConnectProtocol: 1 } : {}),
      ...(this.pick(4) === 0 ? { maxConcurrentStreams: this.pick(4) } : {}),
    })
    const parts = [first, ...(this.pick(5) > 0 ? [frames.settingsAck()] : [])]
    return this.isServer ? frames.join(frames.preface, ...parts) : frames.join(...parts)
  }

  private attempt(step: () => void): void {
    try {
      step()
    } catch (error) {
      this.problem ??= `thrown: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
    }
  }

  private step(): void {
    switch (this.pick(16)) {
      case 0:
        this.note('hold')
        this.io.hold()
        break
      case 1:
        this.note('drain')
        this.io.drain()
        break
      case 2:
        this.note('time')
        this.runtime.advance([10, 1_000, 4_000, 31_000][this.pick(4)]!)
        break
      case 3:
        this.gates.shift()?.()
        break
      case 4:
      case 5:
        this.sendSome()
        break
      case 6:
        this.rare()
        break
      case 7:
        this.tunnel()
        break
      default:
        if (!this.isServer && this.pick(2) === 0) this.request()
        else this.feedFrames()
    }
  }

  private rare(): void {
    switch (this.pick(12)) {
      case 0:
        this.note('abort')
        this.connection.abort()
        break
      case 1:
      case 2:
        this.note('shutdown')
        this.connection.gracefulShutdown()
        break
      case 3:
        this.note('write error')
        this.io.failWrites()
        break
      case 4:
        this.note('end')
        if (!this.isGone) this.io.feedEnd()
        this.isGone = true
        break
      case 5:
        this.note('close')
        this.io.feedClose(this.pick(2) === 0 ? null : new Error('read ECONNRESET'))
        break
      default:
        this.aborts[this.pick(this.aborts.length)]?.abort()
    }
  }

  private note(what: string): void {
    this.steps.push(what)
  }

  private feed(wire: Uint8Array): void {
    if (this.isGone) return
    this.note(Buffer.from(wire).toString('hex'))
    this.books.given(wire)
    const size = this.pick(6) === 0 ? 1 + this.pick(20) : wire.length
    for (let at = 0; at < wire.length; at += size) this.io.feed(wire.subarray(at, at + size))
  }

  private feedFrames(): void {
    const parts = Array.from({ length: 1 + this.pick(4) }, () => this.frame())
    this.feed(frames.join(...parts))
  }

  private frame(): Uint8Array {
    const ids = Array.from(this.connection.machine.streams.values(), (stream) => stream.id)
    const id = ids[this.pick(ids.length)] ?? 1
    const endStream = this.pick(3) === 0
    switch (this.pick(14)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return this.isServer ? this.requestFrame(endStream) : this.responseFrame(id, endStream)
      case 4:
      case 5:
      case 6:
        return frames.data(id, 'd'.repeat(this.pick(4) === 0 ? 390 : this.pick(40)), { endStream })
      case 7:
        return frames.headers(id, [['sum', '1']], { endStream: true })
      case 8:
        return frames.rst(id, [0, 7, 8][this.pick(3)]!)
      case 9:
      case 10:
        return frames.windowUpdate(this.pick(2) * id, 1 + this.pick(500))
      case 11:
        return frames.settings({
          initialWindowSize: [0, 10, 1_000][this.pick(3)]!,
          maxConcurrentStreams: this.pick(6),
          headerTableSize: this.pick(3) * 50,
        })
      case 12:
        return this.pick(3) === 0 ? frames.goAway(this.pick(9)) : frames.ping()
      default:
        return this.pick(4) === 0
          ? frames.raw(this.pick(11), this.pick(256), this.pick(2) * id, 'abc')
          : this.ack()
    }
  }

  private ack(): Uint8Array {
    const names = ['hyperbd\x02', 'hypersd\x03', 'hyperka\x01']
    return frames.ping(names[this.pick(3)]!, true)
  }

  private requestFrame(endStream: boolean): Uint8Array {
    const id = this.nextId
    this.nextId += 2
    const isTunnel = this.pick(6) === 0
    const method = isTunnel ? 'CONNECT' : ['GET', 'POST', 'HEAD'][this.pick(3)]!
    const fields: FrameField[] = [[':method', method]]
    if (!isTunnel) fields.push([':scheme', 'http'], [':path', '/'])
    fields.push([':authority', 'a:1'])
    if (this.pick(5) === 0) fields.push(['expect', '100-continue'])
    if (this.pick(8) === 0) fields.push(['content-length', '5'])
    return frames.headers(id, fields, { endStream })
  }

  private responseFrame(id: number, endStream: boolean): Uint8Array {
    const status = ['200', '200', '103', '204', '304', '403'][this.pick(6)]!
    const fields: FrameField[] = [[':status', status]]
    if (this.pick(8) === 0) fields.push(['content-length', '5'])
    return frames.headers(id, fields, { endStream: endStream && status !== '103' })
  }

  // ------------------------------------------------------------------ bodies and tunnels

  private stream(): Body {
    const { sender, body } = channel()
    this.senders.push(sender)
    this.watch('a writer', sender.closed)
    return this.pick(4) === 0 ? withTrailers(body, this.pick(2) === 0 ? TRAILERS : FORBIDDEN) : body
  }

  private sendSome(): void {
    const sender = this.senders[this.pick(this.senders.length)]
    if (sender === undefined) return
    this.note('body')
    switch (this.pick(6)) {
      case 0:
        sender.end(this.pick(2) === 0 ? null : TRAILERS)
        break
      case 1:
        sender.abort(new Error(THROWN))
        break
      default:
        this.watch('a chunk', sender.send('b'.repeat(this.pick(400))))
    }
  }

  private read(body: Body): void {
    switch (this.pick(4)) {
      case 0:
        this.watch('a reader', body.text())
        break
      case 1:
        body.cancel(new Error(THROWN))
        break
      case 2:
        this.watch('a loop', this.readOne(body))
        break
      default:
        return
    }
    this.watch('trailers', body.trailers)
  }

  private async readOne(body: Body): Promise<void> {
    for await (const chunk of body) if (chunk.length > 5) return
  }

  private takeTunnel(io: Io): void {
    this.tunnels.push(io)
    const gone = Promise.withResolvers<void>()
    this.watch('a tunnel', gone.promise)
    let isOver = false
    const check = (what: string): void => {
      if (isOver) this.problem ??= `a tunnel is told of ${what} after its end`
    }
    const sink: IoSink = {
      onData: () => (check('data'), this.pick(2) === 0),
      onEnd: () => check('the end'),
      onDrain: () => check('a drain'),
      onWriteError: () => check('an error'),
      onClose: () => {
        check('the close')
        isOver = true
        gone.resolve()
      },
    }
    io.start(sink)
  }

  private tunnel(): void {
    const io = this.tunnels[this.pick(this.tunnels.length)]
    if (io === undefined) return
    this.note('tunnel')
    const calls = [
      () => io.write('t'.repeat(this.pick(600))),
      () => io.write(new Uint8Array(this.pick(50))),
      () => io.pause(),
      () => io.resume(),
      () => io.end(),
      () => io.close(),
      () => io.abort(),
    ]
    calls[this.pick(calls.length)]!()
  }

  // ------------------------------------------------------------------ the server's side

  private serve(request: HttpRequest, exchange: Exchange): HttpResponse | Promise<HttpResponse> {
    let isCancelled = false
    exchange.onCancel(() => {
      if (isCancelled) this.problem ??= 'cancelled twice'
      isCancelled = true
      if (this.pick(5) === 0) throw new Error(THROWN)
    })
    if (this.pick(4) === 0) exchange.informational(103, { link: 'x' })
    if (request.method === 'CONNECT' && this.pick(2) === 0) {
      this.watch(
        'an upgrade',
        exchange.upgrade().then(({ io }) => this.takeTunnel(io)),
      )
      if (this.pick(6) === 0) this.read(request.body)
    } else if (this.pick(4) > 0) this.read(request.body)
    else this.gates.push(() => this.read(request.body))
    if (this.pick(3) > 0) return this.answer(request)
    const gate = Promise.withResolvers<void>()
    this.gates.push(gate.resolve)
    return gate.promise.then(() => this.answer(request))
  }

  private answer(request: HttpRequest): HttpResponse {
    const status = [200, 200, 200, 204, 304, 413][this.pick(6)]!
    switch (this.pick(10)) {
      case 0:
        throw new Error(THROWN)
      case 1:
        return 'no response' as unknown as HttpResponse
      case 2:
        return new HttpResponse(request.body.used ? null : request.body, { status })
      case 3:
        return new HttpResponse('w'.repeat(this.pick(3) === 0 ? 20_000 : 20), { status })
      case 4:
        return new HttpResponse(request.body)
      case 5:
        return new HttpResponse(null, { status, trailers: this.pick(2) === 0 ? TRAILERS : FORBIDDEN })
      case 6:
        return new HttpResponse(this.stream(), { status: 103 })
      default:
        return new HttpResponse(this.stream(), { status })
    }
  }

  // ------------------------------------------------------------------ the client's side

  private request(): void {
    const sender = this.sender!
    this.note('request')
    if (this.pick(6) === 0) this.watch('ready', sender.ready())
    const abort = new AbortController()
    this.aborts.push(abort)
    const isTunnel = this.pick(6) === 0
    const method = isTunnel ? 'CONNECT' : ['GET', 'POST', 'HEAD'][this.pick(3)]!
    const body = method !== 'POST' ? null : this.pick(3) === 0 ? 'whole' : this.stream()
    const request = new HttpRequest(method, isTunnel ? 'b:1' : '/', { headers: { host: 'a' }, body })
    const sent = sender.send(request, {
      signal: abort.signal,
      ...(this.pick(5) === 0 ? { maxHeadSize: 64 } : {}),
      ...(isTunnel && this.pick(2) === 0 ? { protocol: 'chat' } : {}),
      onInformational: () => {
        if (this.pick(4) === 0) throw new Error(THROWN)
      },
    })
    const taken = sent.then((response) => {
      if (method !== 'CONNECT' || response.status >= 300) this.read(response.body)
      else
        this.watch(
          'an upgrade',
          upgraded(response).then(({ io }) => this.takeTunnel(io)),
        )
    })
    // What was not sent has its body still: its source is the caller's to tell.
    sent.catch((error: HyperError) => {
      if (!request.body.used) request.body.cancel(error)
    })
    this.watch('a request', taken)
  }

  // ------------------------------------------------------------------ the end

  private async settle(): Promise<void> {
    await this.runtime.settle()
    this.written()
  }

  private written(): void {
    this.attempt(() => {
      const { bytes } = this.io
      this.io.take()
      const from = Math.min(this.skip, bytes.length)
      this.skip -= from
      this.log.read(bytes.subarray(from))
    })
  }

  private async finish(): Promise<void> {
    await this.settle()
    this.attempt(() => this.io.drain())
    this.attempt(() => this.io.feedClose(null))
    await this.settle()
    for (const gate of this.gates) gate()
    for (const io of this.tunnels) this.attempt(() => io.resume())
    await this.settle()
  }

  private leftOver(): string | null {
    const { machine } = this.connection
    for (const error of this.runtime.errors) {
      const isOurs = error instanceof HyperError || (error as Error).message === THROWN
      if (!isOurs) return `background error ${error instanceof Error ? error.stack : String(error)}`
    }
    if (this.waiting > 0) {
      const names = [...this.open]
        .filter(([, count]) => count > 0)
        .map(([name, count]) => `${count} × ${name}`)
      return `still waiting: ${names.join(', ')}`
    }
    if (this.started !== this.ended) return `${this.started} requests began, ${this.ended} ended`
    const { live } = this.connection as unknown as { readonly live: number }
    if (live !== 0) return `${live} requests live`
    if (this.connectionEnds !== 1) return `the connection has ended ${this.connectionEnds} times`
    if (this.runtime.timer.pending !== 0) return 'an alarm is left'
    const left = [machine.streams.size, machine.queued, machine.unconsumed]
    return left.some((count) => count !== 0) ? `left: ${left.join(', ')}` : null
  }
}

/** Checks the cases `from` to `to` of a seed. @returns what is wrong with the first bad one, or null */
export async function checkDrives(seed: number, from: number, to: number): Promise<string | null> {
  for (let number = from; number < to; number++) {
    const drive = new Drive(seed, number)
    const problem = await drive.run(4 + (number % 20))
    if (problem !== null) return `seed ${seed}, case ${number}: ${problem}\n${drive.steps.join('\n')}`
  }
  return null
}
