import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { HttpResponse } from '@hyper/core/http'
import type { Io } from '@hyper/core/rt'
import type { Service } from '@hyper/core/service'
import { testCertificate } from '@hyper/testkit'
import { duplex } from '@hyper/util/memory'
import type { Listener, ListenTls } from '@hyper/util/node'
import { type AutoConnection, type AutoOptions, serveAuto } from '@hyper/util/server'
import { webIo, webRuntime } from '@hyper/util/web'
import { afterEach, expect, test } from 'vitest'
import { listen, runtime } from '../here.ts'

// Both protocols on one port, with the clients that Node has.

const host = '127.0.0.1'
const cleanup: (() => unknown)[] = []
afterEach(async () => {
  for (const task of cleanup.splice(0)) await task()
})

const service: Service = async (request) => {
  const body = await request.text()
  return new HttpResponse(`${request.version} ${request.method} ${request.target} ${body}`)
}

interface Running {
  readonly port: number
  readonly connections: AutoConnection[]
}

async function start(tls?: ListenTls, more?: Partial<AutoOptions>): Promise<Running> {
  const connections: AutoConnection[] = []
  const options: AutoOptions = { runtime, ...more }
  const listener: Listener = listen({ hostname: host, tls }, (io) => {
    connections.push(serveAuto(io, service, options))
  })
  cleanup.push(async () => {
    for (const connection of connections) connection.abort()
    await listener.close()
  })
  await listener.ready
  return { port: listener.address?.port ?? 0, connections }
}

function textOf(message: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    message.setEncoding('utf8')
    message.on('data', (chunk: string) => (text += chunk))
    message.on('end', () => resolve(text)).on('error', reject)
  })
}

async function viaHttp1(port: number, body = '', createConnection?: () => Socket): Promise<string> {
  const request = httpRequest({
    host,
    port,
    path: '/one',
    method: 'PUT',
    ...(createConnection === undefined ? {} : { createConnection }),
  })
  request.end(body)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return textOf(response)
}

async function viaHttp2(session: ClientHttp2Session, body = ''): Promise<string> {
  const stream = session.request({ ':path': '/two', ':method': 'PUT' })
  stream.end(body)
  return textOf(stream)
}

test('HTTP/1 and HTTP/2 with prior knowledge share a port', async () => {
  const { connections, port } = await start()
  expect(await viaHttp1(port, 'x'.repeat(100_000))).toBe(`1.1 PUT /one ${'x'.repeat(100_000)}`)
  const session = connectHttp2(`http://${host}:${port}`)
  cleanup.push(() => session.destroy())
  expect(await Promise.all([viaHttp2(session, 'a'), viaHttp2(session, 'b')])).toEqual([
    '2 PUT /two a',
    '2 PUT /two b',
  ])
  expect(connections.map(({ protocol }) => protocol)).toEqual(['http1', 'http2'])
})

test('ALPN tells the protocol under TLS', async () => {
  const { cert, key } = await testCertificate()
  const { connections, port } = await start({ cert, key, alpn: ['h2', 'http/1.1'] })
  const session = connectHttp2(`https://localhost:${port}`, { ca: cert, host })
  cleanup.push(() => session.destroy())
  expect(await viaHttp2(session, 'tls')).toBe('2 PUT /two tls')
  for (const ALPNProtocols of [['http/1.1'], undefined]) {
    const socket = connectTls({
      host,
      port,
      ca: cert,
      ...(ALPNProtocols === undefined ? {} : { ALPNProtocols }),
    })
    cleanup.push(() => socket.destroy())
    expect(await viaHttp1(port, 'tls', () => socket)).toBe('1.1 PUT /one tls')
  }
  expect(connections.map(({ protocol }) => protocol)).toEqual(['http2', 'http1', 'http1'])
})

test('a first packet of one byte', async () => {
  const { port } = await start()
  const text = 'POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok'
  const socket = connectTcp({ host, port, noDelay: true })
  for (const character of text) {
    socket.write(character)
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(await textOf(socket)).toContain('1.1 POST / ok')
})

test('row 324: graceful shutdown of a real socket that has said nothing', async () => {
  const { connections, port } = await start()
  const socket = connectTcp({ host, port })
  await once(socket, 'connect')
  while (connections.length === 0) await new Promise((resolve) => setImmediate(resolve))
  connections[0]?.gracefulShutdown()
  expect(await textOf(socket)).toBe('')
  await connections[0]?.closed
})

test('a client that says nothing is let go', async () => {
  const { connections, port } = await start(undefined, { sniffTimeout: 50 })
  const socket = connectTcp({ host, port })
  expect(await textOf(socket)).toBe('')
  expect(await connections[0]?.closed).toMatchObject({ error: { code: 'IDLE_TIMEOUT' } })
})

test.each(['GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n', 'P'])(
  'any Io will do: %j over memory and web streams',
  async (beginning) => {
    const rest =
      beginning === 'P' ? 'OST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 0\r\n\r\n' : ''
    const [left, right] = duplex()
    serveAuto(right, service, { runtime })
    expect(await exchange(left, beginning, rest)).toMatch(/1\.1 (GET|POST) /)
    const up = new TransformStream<Uint8Array, Uint8Array>()
    const down = new TransformStream<Uint8Array, Uint8Array>()
    serveAuto(webIo({ readable: up.readable, writable: down.writable }), service, { runtime: webRuntime })
    const client = webIo({ readable: down.readable, writable: up.writable })
    expect(await exchange(client, beginning, rest)).toMatch(/1\.1 (GET|POST) /)
  },
)

function exchange(io: Io, ...parts: string[]): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    io.start({
      onData(chunk) {
        text += Buffer.from(chunk).toString('latin1')
        return false
      },
      onEnd: () => {
        io.end()
        resolve(text)
      },
      onDrain() {},
      onWriteError() {},
      onClose: () => resolve(text),
    })
    void (async () => {
      for (const part of parts) {
        if (part !== '') io.write(part)
        await new Promise((next) => setImmediate(next))
      }
    })()
  })
}
