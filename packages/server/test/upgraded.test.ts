import { once } from 'node:events'
import { type ClientHttp2Stream, constants } from 'node:http2'
import { HttpResponse } from '@hyper/core/http'
import type { Io, IoSink } from '@hyper/core/rt'
import type { IoParts, Service } from '@hyper/core/service'
import { MockIo, VirtualRuntime } from '@hyper/testkit'
import { duplexFrom } from '@hyper/util/node'
import { afterEach, describe, expect, test } from 'vitest'
import { serve, type Server } from '../src/index.ts'
import { SwitchedIo } from '../src/switched-io.ts'
import { closeSessions, open } from './h2-kit.ts'
import { eventually, Wire } from './wire.ts'

// Connections that have left HTTP are still the server's: they are counted, waited for, and aborted by the deadline.

let server: Server

afterEach(() => {
  closeSessions()
  return server.close({ deadline: 0 })
})

const OFFER = 'GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n'

/** A server that gives each connection that asks for it to `own`; CONNECT, too. */
async function start(own: (parts: IoParts) => void, limits: object = {}): Promise<void> {
  const service: Service = (request, exchange) => {
    if (request.method !== 'CONNECT' && request.headers.get('upgrade') === null)
      return new HttpResponse('plain')
    void exchange.upgrade().then(own)
    if (request.method === 'CONNECT') return new HttpResponse()
    return new HttpResponse(null, { status: 101, headers: { connection: 'upgrade', upgrade: 'echo' } })
  }
  server = await serve({ hostname: '127.0.0.1', service, limits })
}

function echo({ io, leftover }: IoParts): void {
  const duplex = duplexFrom(io, leftover)
  duplex.on('error', () => undefined)
  duplex.pipe(duplex)
}

async function upgraded(): Promise<Wire> {
  const wire = await Wire.open(server.port)
  wire.send(OFFER)
  await wire.until('\r\n\r\n')
  return wire
}

/** One connection more than there may be is reset, perhaps before it is made. */
async function refused(): Promise<void> {
  const wire = await Wire.open(server.port).catch((error: unknown) => error)
  if (wire instanceof Wire) {
    await wire.cut()
  } else expect(wire).toMatchObject({ code: 'ECONNRESET' })
}

async function isOpen(closing: Promise<unknown>): Promise<boolean> {
  let isClosed = false
  void closing.then(() => (isClosed = true))
  await new Promise((resolve) => setTimeout(resolve, 30))
  return !isClosed
}

describe('an upgraded connection', () => {
  test('is counted until it closes', async () => {
    await start(echo, { maxConnections: 1 })
    const wire = await upgraded()
    wire.send('one')
    await wire.until('one')
    expect(server.connections).toBe(1)
    await refused()
    wire.socket.end()
    await wire.closed()
    await eventually(() => server.connections === 0)
    const next = await upgraded()
    next.socket.destroy()
  })

  test('counts for its address', async () => {
    await start(echo, { maxConnectionsPerAddress: 1 })
    const wire = await upgraded()
    await refused()
    expect(server.connections).toBe(1)
    wire.socket.end()
    await wire.closed()
    await eventually(() => server.connections === 0)
    const next = await upgraded()
    next.socket.destroy()
  })

  test('is what runs: closing waits for it, and it goes on meanwhile', async () => {
    await start(echo)
    const wire = await upgraded()
    const closing = server.close({ deadline: 60_000 })
    expect(await isOpen(closing)).toBe(true)
    wire.send('still there')
    await wire.until('still there')
    wire.socket.end()
    await closing
    expect([server.connections, wire.error]).toEqual([0, null])
  })

  test('is aborted by the deadline, and its owner hears of it', async () => {
    const ends: unknown[] = []
    await start(({ io }) => io.start({ ...quiet, onClose: (error) => ends.push(error) }))
    const wire = await upgraded()
    await server.close({ deadline: 30 })
    await wire.cut()
    await eventually(() => ends.length === 1)
    expect([ends, server.connections]).toEqual([[null], 0])
  })

  test('is aborted by the deadline even when nobody has taken it', async () => {
    await start(() => undefined)
    const wire = await upgraded()
    wire.send('nobody reads this')
    const closing = server.close({ deadline: 30 })
    expect(server.connections).toBe(1)
    await closing
    await wire.cut()
    expect(server.connections).toBe(0)
  })

  test('is let go when its client is gone before it was taken; who takes it then hears of that', async () => {
    const taken: Io[] = []
    await start(({ io }) => void taken.push(io))
    const wire = await upgraded()
    wire.socket.resetAndDestroy()
    await eventually(() => server.connections === 0)
    const ends: unknown[] = []
    taken[0]!.start({ ...quiet, onClose: (error) => ends.push(error) })
    expect(ends).toEqual([])
    await eventually(() => ends.length === 1)
    expect(ends).toMatchObject([{ code: 'ECONNRESET' }])
  })

  test('is let go when its owner closes or aborts it, started or not', async () => {
    const ways: ((io: Io) => void)[] = [
      (io) => io.close(),
      (io) => io.abort(),
      (io) => {
        io.start(quiet)
        io.close()
      },
      (io) => {
        io.start(quiet)
        io.abort()
      },
    ]
    for (const way of ways) {
      await start(({ io }) => way(io))
      const wire = await upgraded().catch(() => null)
      await server.close()
      expect(server.connections).toBe(0)
      wire?.socket.destroy()
    }
  })

  test('keeps the order of bytes: those with the request, those before it is taken, and those after', async () => {
    const parts = Promise.withResolvers<IoParts>()
    await start(parts.resolve)
    const wire = await Wire.open(server.port)
    wire.send(`${OFFER}a`)
    await wire.until('\r\n\r\n')
    wire.send('b')
    await new Promise((resolve) => setTimeout(resolve, 20))
    const { io, leftover } = await parts.promise
    expect(io.peer.remoteAddress).toBe('127.0.0.1')
    echo({ io, leftover })
    await wire.until('ab')
    wire.send('c')
    await wire.until('abc')
    wire.socket.end()
    await wire.closed()
  })

  test('has no age', async () => {
    const virtual = new VirtualRuntime()
    const service: Service = (_, exchange) => {
      void exchange.upgrade().then(echo)
      return new HttpResponse(null, { status: 101, headers: { connection: 'upgrade', upgrade: 'echo' } })
    }
    const { nodeRuntime } = await import('@hyper/util/node')
    const { clock, text, timer } = virtual
    const runtime = { clock, text, timer, defer: nodeRuntime.defer, onError: nodeRuntime.onError }
    server = await serve({
      hostname: '127.0.0.1',
      service,
      runtime,
      timeouts: { connectionAge: 1_000, total: 500 },
    })
    const wire = await upgraded()
    virtual.advance(1e9)
    wire.send('old')
    await wire.until('old')
    wire.socket.destroy()
  })
})

describe('a tunnel over HTTP/2', () => {
  async function tunnel(): Promise<ClientHttp2Stream> {
    const stream = open(server).request({ ':method': 'CONNECT', ':authority': 'a:1' })
    stream.on('error', () => undefined)
    await once(stream, 'response')
    return stream
  }

  test('is what runs: closing waits for it, and it goes on meanwhile', async () => {
    await start(echo)
    const stream = await tunnel()
    const closing = server.close({ deadline: 60_000 })
    expect(await isOpen(closing)).toBe(true)
    expect(server.connections).toBe(1)
    stream.write('still there')
    expect(String((await once(stream, 'data'))[0])).toBe('still there')
    stream.end()
    await closing
    expect([server.connections, stream.rstCode]).toEqual([0, 0])
  })

  test('is aborted by the deadline, and its owner hears of it', async () => {
    const ends: unknown[] = []
    await start(({ io }) => io.start({ ...quiet, onClose: (error) => ends.push(error) }))
    const stream = await tunnel()
    // Bun's client takes a reset for an error, which Node's does not.
    stream.on('error', () => undefined)
    const closed = new Promise((resolve) => stream.once('close', resolve))
    await server.close({ deadline: 30 })
    await closed
    await eventually(() => ends.length === 1)
    expect(ends).toMatchObject([{ code: 'CANCELED', by: 'user' }])
    expect(server.connections).toBe(0)
  })

  test('is let go when its owner aborts it', async () => {
    await start(({ io }) => io.abort())
    const stream = open(server).request({ ':method': 'CONNECT', ':authority': 'a:1' }, { endStream: false })
    stream.on('error', () => undefined)
    await once(stream, 'close')
    await server.close()
    expect([stream.rstCode, server.connections]).toEqual([constants.NGHTTP2_CANCEL, 0])
  })
})

describe.each(['HTTP/1', 'HTTP/2'] as const)('timeouts over %s', (protocol) => {
  /** A tunnel by a server whose clock the test moves, and what its owner hears. */
  async function watched(own: (io: Io, events: unknown[]) => void): Promise<{
    virtual: VirtualRuntime
    events: unknown[]
    send: (text: string) => void
    ends: Promise<unknown>
  }> {
    const virtual = new VirtualRuntime()
    const events: unknown[] = []
    const { nodeRuntime } = await import('@hyper/util/node')
    const { clock, text, timer } = virtual
    const taken = Promise.withResolvers<void>()
    server = await serve({
      hostname: '127.0.0.1',
      runtime: { clock, text, timer, defer: (task) => nodeRuntime.defer(task), onError: nodeRuntime.onError },
      timeouts: { tunnelIdle: 1_000 },
      http2: { idleTimeout: null },
      service: (request, exchange) => {
        void exchange.upgrade().then(({ io }) => {
          own(io, events)
          taken.resolve()
        })
        if (request.method === 'CONNECT') return new HttpResponse()
        return new HttpResponse(null, { status: 101, headers: { connection: 'upgrade', upgrade: 'echo' } })
      },
    })
    if (protocol === 'HTTP/1') {
      const wire = await upgraded()
      await taken.promise
      return { virtual, events, send: (text) => wire.send(text), ends: wire.cut() }
    }
    const stream = open(server).request({ ':method': 'CONNECT', ':authority': 'a:1' }, { endStream: false })
    stream.on('error', () => undefined)
    await Promise.all([once(stream, 'response'), taken.promise])
    return { virtual, events, send: (text) => stream.write(text), ends: once(stream, 'close') }
  }

  const listening = (io: Io, events: unknown[]): void =>
    io.start({
      ...quiet,
      onData: (chunk) => {
        events.push(String.fromCharCode(...chunk))
        return false
      },
      onClose: (error) => events.push((error as { code?: string } | null)?.code),
    })

  test('tunnelIdle: silence both ways ends it, a byte either way does not', async () => {
    const ios: Io[] = []
    const { ends, events, send, virtual } = await watched((io, events) => {
      ios.push(io)
      listening(io, events)
    })
    virtual.advance(900)
    send('a')
    await eventually(() => events.length === 1)
    virtual.advance(900)
    ios[0]!.write('b')
    virtual.advance(900)
    expect(events).toEqual(['a'])
    virtual.advance(200)
    await ends
    await eventually(() => events.length === 2)
    expect(events).toEqual(['a', 'IDLE_TIMEOUT'])
  })

  test('tunnelIdle: also of one that nobody has taken', async () => {
    const ios: Io[] = []
    const { ends, events, virtual } = await watched((io) => void ios.push(io))
    virtual.advance(1_100)
    await ends
    listening(ios[0]!, events)
    await eventually(() => events.length === 1)
    expect(events).toEqual(['IDLE_TIMEOUT'])
    // And so does whoever takes it over after that.
    listening(ios[0]!, events)
    await eventually(() => events.length === 2)
    expect(events).toEqual(['IDLE_TIMEOUT', 'IDLE_TIMEOUT'])
  })
})

describe('the stream that stands in for another', () => {
  const log = (events: string[]): IoSink => ({
    onData: (chunk) => {
      events.push(`data ${String.fromCharCode(...chunk)}`)
      return false
    },
    onEnd: () => events.push('end'),
    onDrain: () => events.push('drain'),
    onWriteError: () => events.push('write error'),
    onClose: (error) => events.push(`close ${error?.message ?? null}`),
  })

  test('passes every call on, and every event', async () => {
    const io = new MockIo()
    const events: string[] = []
    const it = new SwitchedIo(io, new VirtualRuntime())
    io.feed('early')
    expect([io.paused, io.unread]).toEqual([true, 1])
    it.start(log(events))
    expect(events).toEqual([])
    io.deliver()
    io.hold()
    expect(it.write('out', true)).toBe(io.answer)
    io.drain()
    io.failWrites()
    io.feedEnd()
    for (const call of ['pause', 'resume', 'ref', 'unref', 'end', 'close'] as const) it[call]()
    io.deliver()
    await it.closed
    expect(events).toEqual(['data early', 'drain', 'write error', 'end', 'close null'])
    expect(io.writes).toMatchObject([{ text: 'out', more: true }])
    expect(io.calls).toEqual('start pause start pause resume ref unref end close'.split(' '))
  })

  test('what came before its owner is told later, and once', () => {
    const io = new MockIo()
    const runtime = new VirtualRuntime()
    const it = new SwitchedIo(io, runtime)
    io.hold()
    it.write('out')
    io.drain()
    const drained: string[] = []
    it.start(log(drained))
    expect(drained).toEqual([])
    runtime.turn()
    expect(drained).toEqual(['drain'])
    const [first, second]: string[][] = [[], []]
    it.start(log(first!))
    it.start(log(second!))
    io.feedClose(new Error('gone'))
    runtime.turn()
    expect([first, second]).toEqual([[], ['close gone']])
  })

  test('every owner hears of the close, once, and none of a drain after it', async () => {
    const io = new MockIo()
    const runtime = new VirtualRuntime()
    const it = new SwitchedIo(io, runtime)
    io.hold()
    it.write('out')
    io.drain()
    io.feedClose(new Error('gone'))
    await it.closed
    const [first, second]: [string[], string[]] = [[], []]
    const owner = log(first)
    it.start(owner)
    await runtime.settle()
    it.start(owner)
    await runtime.settle()
    expect(first).toEqual(['close gone'])
    it.start(log(second))
    await runtime.settle()
    expect([first, second]).toEqual([['close gone'], ['close gone']])
  })
})

const quiet: IoSink = {
  onData: () => false,
  onEnd: () => undefined,
  onDrain: () => undefined,
  onWriteError: () => undefined,
  onClose: () => undefined,
}
