import { once } from 'node:events'
import { connect, createServer, type Server, Socket } from 'node:net'
import { FULL, QUEUED, TAKEN, type Io, type IoSink } from '@hyper/core/rt'
import { toText } from '@hyper/testkit'
import { nodeIo } from '@hyper/util/node'
import { afterEach, describe, expect, test } from 'vitest'

// What the io suite cannot see from outside: the socket beneath, and the kernel's answers.

type Coded = Error & { readonly code?: string }

class Sink implements IoSink {
  readonly log: string[] = []
  text = ''
  onChunk: (() => void) | null = null
  private readonly waiting: { ready: () => boolean; resolve: () => void }[] = []
  onData(chunk: Uint8Array): boolean {
    this.text += toText(chunk)
    if (this.log.at(-1) !== 'data') this.log.push('data')
    this.onChunk?.()
    this.check()
    return false
  }
  onEnd(): void {
    this.add('end')
  }
  onDrain(): void {
    this.add('drain')
  }
  lost: number | undefined = undefined
  onWriteError(error: Coded, lost?: number): void {
    this.lost = lost
    this.add(`write error ${error.code}`)
  }
  onClose(error: Coded | null): void {
    this.add(`close ${error === null ? 'clean' : error.code}`)
  }
  until(ready: () => boolean): Promise<void> {
    if (ready()) return Promise.resolve()
    return new Promise((resolve) => this.waiting.push({ ready, resolve }))
  }
  has(prefix: string): boolean {
    return this.log.some((entry) => entry.startsWith(prefix))
  }
  private add(entry: string): void {
    this.log.push(entry)
    this.check()
  }
  private check(): void {
    for (const waiter of this.waiting.filter(({ ready }) => ready())) {
      this.waiting.splice(this.waiting.indexOf(waiter), 1)
      waiter.resolve()
    }
  }
}

interface Ends {
  /** A bare socket: the peer. */
  readonly peer: Socket
  readonly socket: Socket
  readonly io: Io
  readonly sink: Sink
}

const cleanup: (() => void)[] = []
afterEach(() => {
  for (const task of cleanup.splice(0)) task()
})

async function ends(): Promise<Ends> {
  const server = await listening(createServer({ allowHalfOpen: true, noDelay: true }))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const accepted = once(server, 'connection')
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
  await once(socket, 'connect')
  const [peer] = (await accepted) as [Socket]
  peer.on('error', () => {})
  const io = nodeIo(socket)
  cleanup.push(() => {
    io.abort()
    peer.destroy()
    server.close()
  })
  return { peer, socket, io, sink: new Sink() }
}

async function listening(server: Server): Promise<Server> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

function turns(count: number): Promise<void> {
  return count === 0
    ? Promise.resolve()
    : new Promise((resolve) => setImmediate(() => void turns(count - 1).then(resolve)))
}

test('an early answer is read although the upload is reset', async () => {
  const { peer, io, sink } = await ends()
  peer.once('data', () => {
    peer.write('HTTP/1.1 413 Content Too Large\r\ncontent-length: 0\r\n\r\n')
    // Closing with unread bytes makes the kernel reset the connection, right behind the answer.
    peer.pause()
    setImmediate(() => peer.destroy())
  })
  io.start(sink)
  const piece = new Uint8Array(65_536)
  for (
    let sent = 0;
    sent < 20 * 1024 * 1024 && !sink.has('write error') && !sink.has('close');
    sent += piece.length
  ) {
    if (io.write(piece) === FULL)
      await sink.until(() => sink.has('drain') || sink.has('write error') || sink.has('close'))
    sink.log.splice(0, sink.log.length, ...sink.log.filter((entry) => entry !== 'drain'))
    await turns(1)
  }
  await sink.until(() => sink.has('close'))
  expect(sink.text).toBe('HTTP/1.1 413 Content Too Large\r\ncontent-length: 0\r\n\r\n')
  expect(sink.has('end')).toBe(false)
  expect(sink.log.at(-1)).toMatch(/^close (ECONNRESET|EPIPE)$/)
})

test('what the kernel received before the reset is delivered after a failed write', async () => {
  const { peer, io, sink } = await ends()
  io.start(sink)
  const piece = new Uint8Array(1024 * 1024)
  while (io.write(piece) !== FULL);
  peer.pause()
  peer.write('413')
  peer.destroy()
  await sink.until(() => sink.has('close'))
  expect(sink.text).toBe('413')
  expect(sink.has('end')).toBe(false)
  expect(sink.log.at(-1)).toMatch(/^close (ECONNRESET|EPIPE)$/)
})

test('bytes with a reset right behind them are no end', async () => {
  const { peer, io, sink } = await ends()
  io.start(sink)
  peer.write('cut off')
  peer.resetAndDestroy()
  await sink.until(() => sink.has('close'))
  expect([sink.text, ...sink.log]).toEqual(['cut off', 'data', 'close ECONNRESET'])
})

test('bytes with FIN right behind them are an end, whether or not our half has ended', async () => {
  for (const half of ['open', 'ended']) {
    const { peer, socket, io, sink } = await ends()
    io.start(sink)
    if (half === 'ended') {
      io.end()
      await once(socket, 'finish')
    }
    peer.end('complete')
    peer.resume()
    await sink.until(() => sink.has('end'))
    io.end()
    await sink.until(() => sink.has('close'))
    expect([sink.text, ...sink.log]).toEqual(['complete', 'data', 'end', 'close clean'])
  }
})

test('a write that fails leaves reading alone, and later writes are dropped', async () => {
  const { peer, socket, io, sink } = await ends()
  io.start(sink)
  const error = Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' })
  // What the stream does when the kernel refuses a write.
  socket.destroy(error)
  expect(sink.log).toEqual(['write error EPIPE'])
  expect(io.write('lost')).toBe(TAKEN)
  peer.write('still here')
  await sink.until(() => sink.text === 'still here')
  peer.end()
  await sink.until(() => sink.has('close'))
  expect(sink.log).toEqual(['write error EPIPE', 'data', 'end', 'close EPIPE'])
})

test('the end of the stream after a failed write with ECONNRESET is no end', async () => {
  const { peer, socket, io, sink } = await ends()
  io.start(sink)
  socket.destroy(Object.assign(new Error('write ECONNRESET'), { code: 'ECONNRESET', syscall: 'write' }))
  peer.end('cut off')
  await sink.until(() => sink.has('close'))
  expect([sink.text, ...sink.log]).toEqual(['cut off', 'write error ECONNRESET', 'data', 'close ECONNRESET'])
})

test('a write inside onData that fails at once calls onWriteError later', async () => {
  const { peer, socket, io, sink } = await ends()
  const handle = (socket as unknown as { _handle: { writeLatin1String(): number } })._handle
  let before: string[] = []
  sink.onChunk = () => {
    handle.writeLatin1String = () => -32
    io.write('refused')
    before = [...sink.log]
  }
  io.start(sink)
  peer.write('go')
  await sink.until(() => sink.has('write error'))
  expect(before).toEqual(['data'])
  expect(sink.log).toEqual(['data', 'write error EPIPE'])
})

describe('a write that the system refuses at once was not taken', () => {
  const bytes = (length: number): Uint8Array => new Uint8Array(length)
  const ways: [string, (io: Io) => void, number][] = [
    ['text', (io) => void io.write('text'), 4],
    ['bytes', (io) => void io.write(bytes(100_000)), 100_000],
    ['gathered text', (io) => void (io.write('he', true), io.write('ad')), 4],
    [
      'gathered bytes',
      (io) => void (io.write(bytes(7), true), io.write('text', true), io.write(bytes(9))),
      20,
    ],
    ['text before bytes', (io) => void (io.write('head', true), io.write(bytes(9))), 13],
    ['and what comes after it', (io) => void (io.write('one'), io.write(bytes(5)), io.write('ab', true)), 10],
    ['more than is gathered', (io) => void (io.write('x'.repeat(70_000), true), io.write(bytes(5))), 70_005],
    ['more than is corked', (io) => void (io.write(bytes(70_000), true), io.write(bytes(5))), 70_005],
  ]

  test.each(ways)('%s', async (_, write, lost) => {
    const { peer, socket, io, sink } = await ends()
    io.start(sink)
    io.write('before')
    await once(peer, 'data')
    const { _handle: handle } = socket as unknown as { _handle: Record<string, () => number> }
    for (const name of ['writeLatin1String', 'writeBuffer', 'writev']) handle[name] = () => -32
    write(io)
    expect(sink.lost).toBe(undefined)
    await sink.until(() => sink.has('write error'))
    expect(sink.lost).toBe(lost)
  })

  test('by the reset of a peer, before anybody has heard of it', async () => {
    const { peer, socket, io, sink } = await ends()
    io.start(sink)
    io.write('before')
    await once(peer, 'data')
    socket.pause()
    peer.resetAndDestroy()
    // The reset is in the kernel; no turn of the event loop has told of it.
    io.write('refused')
    await sink.until(() => sink.has('write error'))
    expect([sink.lost, ...sink.log]).toMatchObject([
      7,
      expect.stringMatching(/^write error (ECONNRESET|EPIPE)$/),
    ])
  })

  test('one that was taken in part is not known', async () => {
    const { peer, io, sink } = await ends()
    io.start(sink)
    const piece = bytes(1024 * 1024)
    while (io.write(piece) !== FULL);
    peer.pause()
    peer.resetAndDestroy()
    await sink.until(() => sink.has('write error') || sink.has('close'))
    expect(sink.lost ?? 0).toBe(0)
  })
})

test('TAKEN means that the kernel has the bytes', async () => {
  const { socket, io, sink } = await ends()
  io.start(sink)
  expect(io.write('small')).toBe(TAKEN)
  expect([socket.writableLength, socket.bytesWritten]).toEqual([0, 5])
  // More than the stream holds for anybody, but the kernel takes it: no drain is owed.
  expect(io.write('x'.repeat(100_000))).toBe(TAKEN)
  await turns(5)
  expect(sink.log).toEqual([])
  for (let answer: number = TAKEN; answer !== FULL;) {
    answer = io.write(new Uint8Array(32_768))
    expect(answer === TAKEN).toBe(socket.writableLength === 0)
    if (answer === QUEUED) expect(socket.writableLength).toBeLessThan(socket.writableHighWaterMark)
  }
  expect(socket.writableLength).toBeGreaterThanOrEqual(socket.writableHighWaterMark)
})

test('gathered text leaves in one write', async () => {
  const { peer, socket, io, sink } = await ends()
  io.start(sink)
  expect(io.write('head', true)).toBe(QUEUED)
  expect(socket.bytesWritten).toBe(0)
  expect(io.write('body')).toBe(TAKEN)
  const [chunk] = (await once(peer, 'data')) as [Buffer]
  expect(chunk.toString('latin1')).toBe('headbody')
})

test('gathered text and bytes leave in one write', async () => {
  const { peer, io, sink } = await ends()
  io.start(sink)
  io.write('head', true)
  expect(io.write(Uint8Array.of(0x21, 0xff))).toBe(TAKEN)
  const [chunk] = (await once(peer, 'data')) as [Buffer]
  expect(chunk.toString('latin1')).toBe('head!\xff')
})

test('abort right after end closes the socket: nothing of it is left', async () => {
  const { peer, io, sink } = await ends()
  io.start(sink)
  peer.resume()
  const before = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
  io.end()
  io.abort()
  await sink.until(() => sink.has('close'))
  peer.destroy()
  await once(peer, 'close')
  const after = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
  expect([after, sink.log.at(-1)]).toEqual([before - 2, 'close clean'])
})

test('abort resets a TCP connection', async () => {
  const { peer, io, sink } = await ends()
  io.start(sink)
  const failed = once(peer, 'error')
  peer.resume()
  io.abort()
  const [error] = (await failed) as [Coded]
  expect(error.code).toBe('ECONNRESET')
  await sink.until(() => sink.has('close'))
  expect(sink.log).toEqual(['close clean'])
})

test('a paused socket stops reading after at most 80 KiB', async () => {
  const { peer, socket, io, sink } = await ends()
  io.start(sink)
  io.pause()
  peer.write(Buffer.alloc(8 * 1024 * 1024))
  await turns(50)
  const before = socket.bytesRead
  await turns(50)
  expect(socket.bytesRead).toBe(before)
  expect(before).toBeGreaterThan(0)
  expect(before).toBeLessThan(80 * 1024)
  io.resume()
  await sink.until(() => sink.text.length === 8 * 1024 * 1024)
})

test('a reset is noticed while paused within the read-ahead', async () => {
  const { peer, io, sink } = await ends()
  io.start(sink)
  io.pause()
  peer.write('pipelined')
  await turns(5)
  peer.resetAndDestroy()
  await sink.until(() => sink.has('close'))
  expect([sink.text, ...sink.log]).toEqual(['', 'close ECONNRESET'])
})

test('past the read-ahead a lost peer is noticed by a write', async () => {
  const { peer, io, sink } = await ends()
  io.start(sink)
  io.pause()
  peer.write(Buffer.alloc(1024 * 1024))
  await turns(20)
  peer.resetAndDestroy()
  await turns(20)
  expect(sink.log).toEqual([])
  io.write('anybody there?')
  await sink.until(() => sink.has('write error'))
  expect(sink.log).toEqual(['write error ECONNRESET'])
  io.resume()
  await sink.until(() => sink.has('close'))
  // Linux keeps what arrived before the reset; the end that it then reports is none.
  expect(sink.has('end')).toBe(false)
  expect(sink.log.at(-1)).toBe('close ECONNRESET')
})

test('what a stream has buffered before comes first', async () => {
  const server = await listening(createServer({ pauseOnConnect: true, allowHalfOpen: true }))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const accepted = once(server, 'connection')
  const peer = connect({ port, host: '127.0.0.1' })
  peer.on('error', () => {})
  const [socket] = (await accepted) as [Socket]
  socket.on('readable', () => {})
  peer.write('one ')
  await once(socket, 'readable')
  socket.removeAllListeners('readable')
  const io = nodeIo(socket)
  cleanup.push(() => {
    io.abort()
    peer.destroy()
    server.close()
  })
  peer.end('two')
  await turns(5)
  const sink = new Sink()
  io.start(sink)
  await sink.until(() => sink.has('end'))
  expect(sink.text).toBe('one two')
})

test('a socket that is gone already closes after start', async () => {
  const socket = new Socket()
  socket.destroy()
  await once(socket, 'close')
  const sink = new Sink()
  const io = nodeIo(socket)
  expect(io.write('lost')).toBe(TAKEN)
  io.start(sink)
  expect(sink.log).toEqual([])
  await sink.until(() => sink.has('close'))
  expect(sink.log).toEqual(['close clean'])
})

test('a socket that is gone keeps nothing of who holds it, and of who lets go', async () => {
  const { io, peer, sink, socket } = await ends()
  io.start(sink)
  peer.resetAndDestroy()
  await sink.until(() => sink.has('close'))
  for (let i = 0; i < 20; i++) {
    io.ref()
    io.unref()
  }
  // Node takes a socket without a handle for one that is still to connect, and waits for that.
  expect(socket.listenerCount('connect')).toBe(0)
})

test('a socket that is not connected yet is held once it is', async () => {
  const server = await listening(createServer((peer) => peer.on('error', () => {})))
  const { port } = server.address() as { port: number }
  const socket = connect({ port, host: '127.0.0.1' })
  const io = nodeIo(socket)
  cleanup.push(() => {
    io.abort()
    server.close()
  })
  io.unref()
  await once(socket, 'connect')
  expect((socket as unknown as { _handle: { hasRef(): boolean } })._handle.hasRef()).toBe(false)
})

test('the peer is asked only when somebody reads it', async () => {
  const { peer, io } = await ends()
  expect(io.peer).toBe(io.peer)
  expect(io.peer.transport).toBe('tcp')
  expect(io.peer.encrypted).toBe(false)
  expect([io.peer.remoteAddress, io.peer.remotePort]).toEqual(['127.0.0.1', peer.localPort])
  expect([io.peer.localAddress, io.peer.localPort]).toEqual(['127.0.0.1', peer.remotePort])
  expect([io.peer.alpnProtocol, io.peer.serverName]).toEqual([undefined, undefined])
})

test('every socket shares the same functions', async () => {
  const first = await ends()
  const second = await ends()
  expect(first.socket.push).toBe(second.socket.push)
  expect(first.socket.destroy).toBe(second.socket.destroy)
  for (const event of ['error', 'close'] as const) {
    expect(first.socket.listeners(event).at(-1)).toBe(second.socket.listeners(event).at(-1))
  }
  expect(first.socket.listenerCount('drain')).toBe(0)
})

test('who takes a stream over after it has closed hears of it too, once', async () => {
  const { peer, io, sink } = await ends()
  io.start(sink)
  io.pause()
  peer.resetAndDestroy()
  await sink.until(() => sink.has('close'))
  const next = new Sink()
  io.start(next)
  await next.until(() => next.has('close'))
  io.start(next)
  await turns(3)
  expect([sink.log, next.log]).toEqual([['close ECONNRESET'], ['close ECONNRESET']])
})
