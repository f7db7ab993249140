import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { inspect } from 'node:util'
import { HyperError } from '@hyper/core/error'
import type { Io } from '@hyper/core/rt'
import { testCertificate, toText } from '@hyper/testkit'
import type { Listener, ListenOptions } from '@hyper/util/node'
import { afterEach, expect, test, vi } from 'vitest'
import { connectTcp, listen, onBun } from './here.ts'

const host = '127.0.0.1'
const cleanup: (() => unknown)[] = []
afterEach(async () => {
  for (const task of cleanup.splice(0)) await task()
})

/** A listener that sends back what it gets, and ends when the peer does. */
async function echoing(options: ListenOptions, ios: Io[] = []): Promise<Listener> {
  const listener = listen(options, (io) => {
    ios.push(io)
    echo(io)
  })
  cleanup.push(() => listener.close())
  await listener.ready
  return listener
}

function echo(io: Io): void {
  io.start({
    onData(chunk) {
      io.write(chunk)
      return true
    },
    onEnd: () => io.end(),
    onDrain() {},
    onWriteError() {},
    onClose() {},
  })
}

/** Says something, ends, and reads everything that comes back. */
function exchange(io: Io, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = ''
    io.start({
      onData(chunk) {
        received += toText(chunk)
        return false
      },
      onEnd() {},
      onDrain() {},
      onWriteError: reject,
      onClose: (error) => (error === null ? resolve(received) : reject(error)),
    })
    io.write(text)
    io.end()
  })
}

function portOf(listener: Listener): number {
  return listener.address?.port ?? 0
}

test('TCP, callback form', async () => {
  const listener = await echoing({ hostname: host })
  expect(listener.address).toEqual({ hostname: host, port: expect.any(Number), path: null })
  expect(await exchange(await connectTcp({ host, port: portOf(listener) }), 'hello')).toBe('hello')
})

test('a unix path', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'hyper-listen-'))
  cleanup.push(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 'socket')
  const listener = await echoing({ path })
  expect(listener.address).toEqual({ hostname: null, port: null, path })
  const io = await connectTcp({ path })
  expect(io.peer.transport).toBe('unix')
  expect(await exchange(io, 'hello')).toBe('hello')
  await listener.close()
  expect(existsSync(path)).toBe(false)
})

test('an inherited descriptor', async () => {
  const owner = createServer()
  owner.listen(0, host)
  await once(owner, 'listening')
  cleanup.push(() => owner.close())
  const { fd } = (owner as unknown as { _handle: { fd: number } })._handle
  const address = owner.address()
  const script = `
    import { listen } from '@hyper/util/platform'
    const listener = listen({ fd: 3 }, (io) => io.start({
      onData(chunk) { io.write(chunk); return true }, onEnd() { io.end() }, onDrain() {}, onWriteError() {}, onClose() {},
    }))
    await listener.ready
    console.log('ready', listener.address.port)`
  const child = spawn(process.execPath, ['--conditions=source', '--input-type=module', '-e', script], {
    cwd: dirname(import.meta.dirname),
    stdio: ['ignore', 'pipe', 'inherit', fd],
  })
  cleanup.push(() => child.kill())
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const [line] = (await once(child.stdout as Readable, 'data')) as [Buffer]
  expect(line.toString()).toBe(`ready ${port}\n`)
  // From here on only the heir accepts.
  owner.close()
  expect(await exchange(await connectTcp({ host, port }), 'hello')).toBe('hello')
})

test('only one place to listen at', () => {
  expect(() => listen({ port: 1, path: '/x' })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
})

test.each([undefined, 0, 65_536, 1.5, '80'])('connectTcp: port %j is none', async (port) => {
  await expect(connectTcp({ host, port: port as number })).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringMatching(/^port must be (?:an integer|a number from 1 to 65535), not /),
  })
})

test.each([-1, NaN, '10'])('maxPending: %j is no limit', (maxPending) => {
  expect(() => listen({ maxPending: maxPending as number })).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION' }),
  )
})

test('TLS with ALPN and server name', async () => {
  const certificate = await testCertificate()
  const ios: Io[] = []
  const listener = await echoing({ hostname: host, tls: { ...certificate, alpn: ['h2', 'http/1.1'] } }, ios)
  const io = await connectTcp({
    host,
    port: portOf(listener),
    tls: { ca: certificate.cert, servername: 'localhost', alpn: ['http/1.1'] },
  })
  expect(io.peer.transport).toBe('tls')
  expect(io.peer.encrypted).toBe(true)
  expect(io.peer.alpnProtocol).toBe('http/1.1')
  // In TLS 1.3 the client is done first.
  while (ios.length === 0) await new Promise((resolve) => setImmediate(resolve))
  expect(ios[0]?.peer.alpnProtocol).toBe('http/1.1')
  expect(ios[0]?.peer.serverName).toBe('localhost')
  const known = {
    transport: 'tls',
    remoteAddress: host,
    remotePort: io.peer.localPort,
    localAddress: host,
    localPort: portOf(listener),
    encrypted: true,
    alpnProtocol: 'http/1.1',
    serverName: 'localhost',
  }
  expect(JSON.parse(JSON.stringify(ios[0]?.peer))).toEqual(known)
  expect(inspect(ios[0]?.peer)).toBe(inspect(known))
  expect(await exchange(io, 'secret')).toBe('secret')
})

test('a failed handshake is reported and harms nobody else', async () => {
  const certificate = await testCertificate()
  const errors: Error[] = []
  const listener = await echoing({ hostname: host, tls: certificate, onError: (error) => errors.push(error) })
  const plain = connect(portOf(listener), host)
  plain.on('error', () => {})
  plain.write('GET / HTTP/1.1\r\n\r\n')
  plain.resume()
  await once(plain, 'close')
  expect(errors.map((error) => error instanceof HyperError && error.code)).toEqual(['TLS'])
  const io = await connectTcp({ host, port: portOf(listener), tls: { ca: certificate.cert } })
  expect(await exchange(io, 'fine')).toBe('fine')
})

test('a client that does not trust the certificate', async () => {
  const listener = await echoing({ hostname: host, tls: await testCertificate() })
  await expect(connectTcp({ host, port: portOf(listener), tls: true })).rejects.toMatchObject({
    code: 'TLS',
    phase: 'tls',
    by: 'io',
    retryable: true,
    cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
  })
})

test('async-iterable form: connections in order, closing ends the loop', async () => {
  const listener = listen({ hostname: host })
  await listener.ready
  const clients = [
    await connectTcp({ host, port: portOf(listener) }),
    await connectTcp({ host, port: portOf(listener) }),
  ]
  let seen = 0
  for await (const io of listener) {
    echo(io)
    if (++seen === 2) await listener.close()
  }
  expect(await Promise.all(clients.map((io) => exchange(io, 'x')))).toEqual(['x', 'x'])
})

test('leaving the loop closes the listener and resets what nobody took', async () => {
  const listener = listen({ hostname: host })
  await listener.ready
  const port = portOf(listener)
  const first = await connectTcp({ host, port })
  const second = connect(port, host)
  await once(second, 'connect')
  const reset = once(second, 'error')
  for await (const io of listener) {
    echo(io)
    // The second one has been accepted by the time of the next turns.
    await new Promise((resolve) => setTimeout(resolve, 20))
    break
  }
  expect((await reset)[0]).toMatchObject({ code: 'ECONNRESET' })
  expect(listener.address).toBeNull()
  expect(await exchange(first, 'still served')).toBe('still served')
})

test('the queue is bounded: what does not fit is reset', async () => {
  const listener = listen({ hostname: host, maxPending: 2 })
  cleanup.push(() => listener.close())
  await listener.ready
  const results = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const socket = connect(portOf(listener), host)
      cleanup.push(() => socket.destroy())
      await once(socket, 'connect')
      return socket
    }),
  )
  const resets = results.map(
    (socket) => new Promise<void>((resolve) => socket.once('error', () => resolve())),
  )
  let count = 0
  await new Promise<void>((resolve) => {
    for (const reset of resets) void reset.then(() => ++count === 3 && resolve())
  })
  expect(count).toBe(3)
})

test('close frees the port at once and leaves accepted connections alone', async () => {
  const ios: Io[] = []
  const listener = await echoing({ hostname: host }, ios)
  const port = portOf(listener)
  const io = await connectTcp({ host, port })
  while (ios.length === 0) await new Promise((resolve) => setImmediate(resolve))
  await listener.close()
  await listener.close()
  await expect(connectTcp({ host, port })).rejects.toMatchObject({
    code: 'CONNECT',
    cause: { code: 'ECONNREFUSED' },
  })
  const second = await echoing({ hostname: host, port })
  expect(await exchange(await connectTcp({ host, port }), 'second')).toBe('second')
  expect(await exchange(io, 'first')).toBe('first')
  await second.close()
})

test('a signal closes; one that has fired before does too', async () => {
  const controller = new AbortController()
  const listener = listen({ hostname: host, signal: controller.signal })
  await listener.ready
  controller.abort()
  await listener.close()
  expect(listener.address).toBeNull()
  const late = listen({ hostname: host, signal: AbortSignal.abort() })
  await late.close()
  expect(late.address).toBeNull()
})

test('ready rejects when the port is taken, and the loop throws', async () => {
  const listener = await echoing({ hostname: host })
  const { signal } = new AbortController()
  const forgets = vi.spyOn(signal, 'removeEventListener')
  const second = listen({ hostname: host, port: portOf(listener), signal })
  await expect(second.ready).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await expect(second[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'EADDRINUSE' })
  // It may outlive the attempt by far.
  expect(forgets).toHaveBeenCalledWith('abort', expect.any(Function))
  await second.close()
})

// Bun tells nothing of such errors.
test.skipIf(onBun)('an accept error is reported, and listening goes on', async () => {
  const errors: Error[] = []
  const listener = await echoing({ hostname: host, onError: (error) => errors.push(error) })
  const { server } = listener as unknown as { server: { _handle: { onconnection(status: number): void } } }
  // What libuv does when the process is out of descriptors: EMFILE.
  server._handle.onconnection(-24)
  await new Promise((resolve) => setImmediate(resolve))
  expect(errors).toMatchObject([{ code: 'EMFILE', syscall: 'accept' }])
  expect(await exchange(await connectTcp({ host, port: portOf(listener) }), 'alive')).toBe('alive')
})

test('what the callback throws is reported, and the connection is reset', async () => {
  const errors: Error[] = []
  const listener = listen({ hostname: host, onError: (error) => errors.push(error) }, () => {
    throw new Error('boom')
  })
  cleanup.push(() => listener.close())
  await listener.ready
  const socket = connect(portOf(listener), host)
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
  expect(error.code).toBe('ECONNRESET')
  expect(errors.map(String)).toEqual(['Error: boom'])
})

test('half-open: a client that ends first still gets its answer', async () => {
  const listener = listen({ hostname: host }, (io) =>
    io.start({
      onData: () => false,
      onEnd() {
        io.write('after your end')
        io.end()
      },
      onDrain() {},
      onWriteError() {},
      onClose() {},
    }),
  )
  cleanup.push(() => listener.close())
  await listener.ready
  expect(await exchange(await connectTcp({ host, port: portOf(listener) }), 'q')).toBe('after your end')
})

test('connectTcp: timeout, signal, unknown name', async () => {
  // A TLS handshake that never ends.
  const silent = createServer((socket) => socket.on('error', () => {}))
  silent.listen(0, host)
  await once(silent, 'listening')
  cleanup.push(() => silent.close())
  const address = silent.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  await expect(connectTcp({ host, port, tls: true, timeout: 500 })).rejects.toMatchObject({
    code: 'CONNECT_TIMEOUT',
    phase: 'tls',
    address: `${host}:${port}`,
  })
  const controller = new AbortController()
  const attempt = connectTcp({ host, port, tls: true, signal: controller.signal })
  controller.abort(new Error('changed my mind'))
  await expect(attempt).rejects.toMatchObject({
    code: 'CANCELED',
    by: 'user',
    cause: { message: 'changed my mind' },
  })
  await expect(connectTcp({ host, port, signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'CANCELED',
  })
  await expect(connectTcp({ host: 'name.invalid', port })).rejects.toMatchObject({
    code: 'DNS',
    phase: 'dns',
  })
})

test('a server that hangs up during the handshake', async () => {
  const rude = createServer((socket) => socket.destroy())
  rude.listen(0, host)
  await once(rude, 'listening')
  cleanup.push(() => rude.close())
  const address = rude.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  await expect(connectTcp({ host, port, tls: true })).rejects.toMatchObject({ code: 'TLS', phase: 'tls' })
})

test('a handshake that never ends is given up', async () => {
  const certificate = await testCertificate()
  const errors: Error[] = []
  const listener = await echoing({
    hostname: host,
    // The last of this test has to be done in it.
    tls: { ...certificate, handshakeTimeout: 2_000 },
    onError: (error) => errors.push(error),
  })
  const socket = connect(portOf(listener), host)
  socket.on('error', () => {})
  socket.resume()
  // By FIN, on Bun by RST, which is an error as well.
  await new Promise((resolve) => socket.once('close', resolve))
  expect(errors).toMatchObject([{ code: 'TLS', cause: onBun ? {} : { code: 'ERR_TLS_HANDSHAKE_TIMEOUT' } }])
  const fine = connectTls({ port: portOf(listener), host, ca: certificate.cert, servername: 'localhost' })
  await once(fine, 'secureConnect')
  fine.destroy()
})

test.each([0, null, Infinity, 1e12])('handshakeTimeout %j is not over at once', async (handshakeTimeout) => {
  const certificate = await testCertificate()
  const errors: Error[] = []
  const tls = { ...certificate, handshakeTimeout }
  const listener = await echoing({ hostname: host, tls, onError: (error) => errors.push(error) })
  const socket = connect(portOf(listener), host)
  await once(socket, 'connect')
  await new Promise((resolve) => setTimeout(resolve, 50))
  const fine = connectTls({ socket, ca: certificate.cert, servername: 'localhost' })
  await once(fine, 'secureConnect')
  fine.destroy()
  expect(errors).toEqual([])
})

test.each([-1, NaN, '10'])('handshakeTimeout %j is none', async (handshakeTimeout) => {
  const tls = { ...(await testCertificate()), handshakeTimeout: handshakeTimeout as number }
  expect(() => listen({ tls })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
})

test('close ends the handshakes that are under way, and no connection that was given away', async () => {
  const certificate = await testCertificate()
  const ios: Io[] = []
  const listener = await echoing({ hostname: host, tls: certificate }, ios)
  const silent = connect(portOf(listener), host)
  silent.on('error', () => {})
  silent.resume()
  const io = await connectTcp({ host, port: portOf(listener), tls: { ca: certificate.cert } })
  while (ios.length === 0) await new Promise<void>((resolve) => setImmediate(resolve))
  const gone = new Promise((resolve) => silent.once('close', resolve))
  await listener.close()
  await gone
  expect(await exchange(io, 'hello')).toBe('hello')
})
