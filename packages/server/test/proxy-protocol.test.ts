import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Io } from '@hyper/core/rt'
import { lacks, named, testCertificate } from '@hyper/testkit'
import { MemoryListener } from '@hyper/util/memory'
import { afterEach, describe, expect, test } from 'vitest'
import { type ServeOptions, serve, type Server } from '../src/index.ts'
import { eventually, Wire } from './wire.ts'

// Clients that come by a proxy, which says so first.

let server: Server

afterEach(() => server.close({ deadline: 0 }))

const LINE = 'PROXY TCP4 192.0.2.1 198.51.100.2 4242 443\r\n'
const BLOCK = Buffer.from(
  '0d0a0d0a000d0a515549540a' +
    '2111' +
    '0018' +
    'c0000201c6336402' +
    '109201bb' +
    '020009' +
    '612e6578616d706c65',
  'hex',
).toString('latin1')
const LOCAL = Buffer.from(`0d0a0d0a000d0a515549540a20000000`, 'hex').toString('latin1')
const GET = 'GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'

async function start(options: Partial<ServeOptions> = {}): Promise<Server> {
  server = await serve({
    hostname: '127.0.0.1',
    proxyProtocol: { trusted: ['127.0.0.1'] },
    fetch: (_, { peer, remoteAddress, localAddress, serverName, encrypted }) =>
      new Response(
        [remoteAddress, peer.remotePort, localAddress, peer.localPort, serverName, encrypted].join(' '),
      ),
    ...options,
  } as ServeOptions)
  return server
}

async function answerTo(text: string): Promise<string> {
  const wire = await Wire.open(server.port)
  wire.send(text)
  await wire.ended()
  wire.socket.destroy()
  return wire.received.slice(wire.received.indexOf('\r\n\r\n') + 4)
}

describe('over TCP', () => {
  test.each([
    ['version 1', LINE, '192.0.2.1 4242 198.51.100.2 443  false'],
    ['version 2, with a name', BLOCK, '192.0.2.1 4242 198.51.100.2 443 a.example false'],
  ])('%s: the peer is the client', async (_, header, shown) => {
    await start()
    expect(await answerTo(header + GET)).toBe(shown)
  })

  test('UNKNOWN and LOCAL: the peer is the proxy', async () => {
    await start()
    for (const header of ['PROXY UNKNOWN\r\n', LOCAL])
      expect(await answerTo(header + GET)).toMatch(
        new RegExp(`^127\\.0\\.0\\.1 \\d+ 127\\.0\\.0\\.1 ${server.port}  false$`),
      )
  })

  test('byte by byte, and the request after it too', async () => {
    await start()
    const wire = await Wire.open(server.port)
    for (const byte of LINE + GET) {
      wire.send(byte)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await wire.until('192.0.2.1')).toContain('198.51.100.2 443')
    wire.socket.destroy()
  })

  test('a client that ends with its request is answered, where half-closing is allowed', async () => {
    await start({ http1: { halfClose: true } })
    const wire = await Wire.open(server.port)
    wire.socket.end(LINE + GET)
    await wire.ended()
    expect(wire.received).toContain('192.0.2.1 4242')
    wire.socket.destroy()
  })

  test.each([
    ['none', GET],
    ['a malformed one', 'PROXY TCP4 1.1.1.1\r\n'],
  ])('%s: reset, and the process lives', async (_, sent) => {
    const errors: unknown[] = []
    await start({ onError: (error) => errors.push(error) })
    const wire = await Wire.open(server.port)
    wire.send(sent)
    await wire.cut()
    expect(wire.received).toBe('')
    expect(await answerTo(LINE + GET)).toContain('192.0.2.1')
    expect(errors).toEqual([])
  })

  test('a peer that is not trusted is reset, or served as it is', async () => {
    await start({ proxyProtocol: { trusted: ['192.0.2.0/24'] } })
    // It may be gone before its client knows that it was there.
    await Wire.open(server.port).then(
      (wire) => wire.cut(),
      (error: unknown) => expect(error).toMatchObject({ code: 'ECONNRESET' }),
    )
    await server.close({ deadline: 0 })
    await start({ proxyProtocol: { trusted: ['192.0.2.0/24'], others: 'serve' } })
    expect(await answerTo(GET)).toMatch(/^127\.0\.0\.1 /)
    // Garbage to HTTP.
    expect((await Wire.exchange(server.port, LINE + GET)).slice(0, 12)).toBe('HTTP/1.1 400')
  })

  test('the header has the time of a handshake', async () => {
    await start({ timeouts: { handshake: 30 } })
    const wire = await Wire.open(server.port)
    wire.send(LINE.slice(0, 9))
    await wire.cut()
  })

  test('limits per address count clients', async () => {
    await start({ limits: { maxConnectionsPerAddress: 1 } })
    const [first, second, same] = await Promise.all([1, 2, 3].map(() => Wire.open(server.port)))
    const keep = GET.replace('connection: close\r\n', '')
    first!.send(LINE + keep)
    await first!.until('192.0.2.1')
    second!.send(LINE.replace('192.0.2.1', '192.0.2.2') + keep)
    await second!.until('192.0.2.2')
    same!.send(LINE + keep)
    await same!.cut()
    expect(same!.received).toBe('')
    for (const wire of [first!, second!]) wire.socket.destroy()
  })

  test('closing ends those that wait for their header', async () => {
    await start()
    const wire = await Wire.open(server.port)
    await new Promise((resolve) => setTimeout(resolve, 20))
    await server.close({ grace: 20 })
    await wire.ended()
    wire.socket.destroy()
  })

  test('HTTP/2 with prior knowledge behind it', async () => {
    await start()
    const socket = connectTcp(server.port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(LINE)
    const { connect } = await import('node:http2')
    const session = connect('http://x', { createConnection: () => socket })
    expect(await h2Answer(session)).toBe('192.0.2.1 4242 198.51.100.2 443  false')
    session.destroy()
  })
})

describe.skipIf(lacks.proxiedTls !== null)(named('over TLS', lacks.proxiedTls), () => {
  async function secure(header: string, together: boolean): Promise<string> {
    const { cert } = await testCertificate()
    const raw = connectTcp(server.port, '127.0.0.1')
    await once(raw, 'connect')
    if (together) raw.cork()
    raw.write(header, 'latin1')
    const socket = connectTls({ socket: raw, ca: cert, servername: 'localhost', ALPNProtocols: ['http/1.1'] })
    if (together) process.nextTick(() => raw.uncork())
    socket.write(GET)
    return read(socket)
  }

  test.each([
    ['apart from the handshake', false],
    ['in one packet with it', true],
  ])('the header comes first, %s', async (_, together) => {
    const { cert, key } = await testCertificate()
    await start({ tls: { cert, key } })
    for (const header of [LINE, BLOCK])
      expect(await secure(header, together)).toContain(
        '\r\n\r\n192.0.2.1 4242 198.51.100.2 443 localhost true',
      )
  })

  test('without one the connection is reset; LOCAL is the proxy itself', async () => {
    const { cert, key } = await testCertificate()
    await start({ tls: { cert, key } })
    await expect(secure('', false)).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(await secure(LOCAL, false)).toMatch(/\r\n\r\n127\.0\.0\.1 \d+ 127\.0\.0\.1 \d+ localhost true/)
    await eventually(() => server.connections === 0)
  })

  test('untrusted peers are served as they are, where that is wanted', async () => {
    const { cert, key } = await testCertificate()
    await start({ tls: { cert, key }, proxyProtocol: { trusted: ['192.0.2.9'], others: 'serve' } })
    expect(await secure('', false)).toContain('\r\n\r\n127.0.0.1 ')
  })
})

describe('over connections that something else accepts', () => {
  async function connect(): Promise<{ io: Io; closed: Promise<string> }> {
    const connections = new MemoryListener({ peer: { remoteAddress: '10.0.0.1' } })
    await start({ hostname: undefined, connections, proxyProtocol: { trusted: ['10.0.0.0/8'] } })
    const io = connections.connect()
    let received = ''
    const closed = new Promise<string>((resolve) => {
      io.start({
        onData: (chunk) => ((received += Buffer.from(chunk).toString('latin1')), false),
        onEnd: () => io.end(),
        onDrain() {},
        onWriteError() {},
        onClose: (error) => resolve(error === null ? received : error.message),
      })
    })
    return { io, closed }
  }

  test('the peer is the client', async () => {
    const { closed, io } = await connect()
    io.write(LINE + GET)
    expect(await closed).toContain('192.0.2.1 4242')
  })

  test('a header that is under way when the server closes has the grace', async () => {
    const { closed, io } = await connect()
    io.write(LINE.slice(0, 10))
    await new Promise((resolve) => setImmediate(resolve))
    const closing = server.close({ grace: 20_000 })
    io.write(LINE.slice(10) + GET)
    expect(await closed).toContain('192.0.2.1 4242')
    await closing
  })

  test('and is reset when that is over, or at once', async () => {
    for (const grace of [20, 0]) {
      const { closed, io } = await connect()
      io.write(LINE.slice(0, 10))
      await new Promise((resolve) => setImmediate(resolve))
      await server.close({ grace })
      expect(await closed).toContain('ECONNRESET')
    }
  })
})

test.each([
  [{ proxyProtocol: true }, '`proxyProtocol` must be an object: { trusted: [address] }'],
  [{ proxyProtocol: {} }, 'proxyProtocol needs `trusted`, a list of addresses and networks'],
  [{ proxyProtocol: { trusted: ['x'] } }, "proxyProtocol.trusted: 'x' is no address or network"],
  [
    { listen: false, proxyProtocol: { trusted: ['::1'] } },
    '`proxyProtocol` does not go with `listen: false`',
  ],
])('%j is refused', async (options, message) => {
  server = await serve({ listen: false, fetch: () => new Response('') })
  await expect(serve({ fetch: () => new Response(''), ...options } as ServeOptions)).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message,
  })
})

function read(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = ''
    socket.on('data', (chunk: Buffer) => (received += String(chunk)))
    socket.once('error', reject)
    socket.once('end', () => {
      socket.destroy()
      resolve(received)
    })
  })
}

function h2Answer(session: import('node:http2').ClientHttp2Session): Promise<string> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':path': '/' })
    let body = ''
    stream.setEncoding('utf8').on('data', (text: string) => (body += text))
    stream.once('end', () => resolve(body))
    stream.once('error', reject)
  })
}
