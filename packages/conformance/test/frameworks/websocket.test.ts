import { once } from 'node:events'
import { connect as connectH2 } from 'node:http2'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { type Duplex, pipeline } from 'node:stream'
import { Client } from '@hyper/client'
import { createServer } from '@hyper/server/node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { originOf } from './four-clients.ts'

// `upgrade` and `connect` of a node-shaped server: ws as it comes, over HTTP/1.1 and over a stream of HTTP/2 (RFC 8441),
// and a tunnel.

let server: ReturnType<typeof createServer>
let sockets: WebSocketServer
let origin: string
const failures: unknown[] = []

beforeAll(async () => {
  server = createServer({ onError: (error) => failures.push(error) }, (req, res) =>
    res.end(`plain ${req.url}`),
  )
  sockets = new WebSocketServer({ server, path: '/ws' })
  sockets.on('connection', (socket, request) => {
    socket.send(`hello ${request.url} ${request.socket.remoteAddress} ${request.httpVersion}`)
    socket.on('message', (data, isBinary) => socket.send(data as Buffer, { binary: isBinary }))
  })
  server.listen(0, '127.0.0.1')
  origin = await originOf(server)
})

afterAll(async () => {
  sockets.close()
  await new Promise((resolve) => server.close(resolve))
  expect(failures).toEqual([])
})

async function echo(socket: WebSocket, count: number): Promise<string[]> {
  const got: string[] = []
  const done = new Promise<void>((resolve, reject) => {
    socket.on('error', reject)
    socket.on('message', (data) => {
      got.push(String(data as Buffer))
      if (got.length === count + 1) resolve()
    })
  })
  if (socket.readyState === WebSocket.CONNECTING) await once(socket, 'open')
  for (let n = 0; n < count; n++) socket.send(`message ${n} ${'x'.repeat(n % 200)}`)
  await done
  return got
}

const WANTED = Array.from({ length: 2_000 }, (_, n) => `message ${n} ${'x'.repeat(n % 200)}`)

test('ws, server and client, over HTTP/1.1', async () => {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/ws?a=1`)
  const got = await echo(socket, WANTED.length)
  expect(got[0]).toBe('hello /ws?a=1 127.0.0.1 1.1')
  expect(got.slice(1)).toEqual(WANTED)
  socket.close(1000)
  const [code] = (await once(socket, 'close')) as [number]
  expect(code).toBe(1000)
})

test('ws over a stream of HTTP/2, opened by node:http2', async () => {
  const session = connectH2(origin)
  await once(session, 'remoteSettings')
  const stream = session.request({
    ':method': 'CONNECT',
    ':protocol': 'websocket',
    ':path': '/ws',
    ':scheme': 'http',
    'sec-websocket-version': '13',
    'sec-websocket-protocol': 'chat',
  })
  const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
  expect([headers[':status'], headers['sec-websocket-accept'], headers['sec-websocket-protocol']]).toEqual([
    200,
    undefined,
    'chat',
  ])
  const socket = new WebSocket(null as never, undefined as never, {})
  const taken = socket as unknown as {
    _isServer: boolean
    setSocket(s: unknown, head: Buffer, o: object): void
  }
  taken._isServer = false
  taken.setSocket(stream, Buffer.alloc(0), {
    maxPayload: 0,
    skipUTF8Validation: false,
    allowSynchronousEvents: true,
  })
  const got = await echo(socket, WANTED.length)
  expect(got[0]).toBe('hello /ws 127.0.0.1 2.0')
  expect(got.slice(1)).toEqual(WANTED)
  socket.close(1000)
  await once(socket, 'close')
  session.close()
})

test('ws declines by itself: another path, another method of HTTP', async () => {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/elsewhere`)
  const [error] = (await once(socket, 'error')) as [Error]
  expect(error.message).toBe('Unexpected server response: 400')
  const raw = connect((server.address() as AddressInfo).port, '127.0.0.1')
  raw.write(
    'POST /ws HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\ncontent-length: 0\r\n\r\n',
  )
  let text = ''
  for await (const chunk of raw as AsyncIterable<Buffer>) text += String(chunk)
  expect(text).toMatch(/^HTTP\/1\.1 405 Method Not Allowed\r\n/)
  expect(text).toContain('Connection: close')
  expect(text.endsWith('Invalid HTTP method')).toBe(true)
})

test('without a listener an upgrade is a request like any other', async () => {
  const plain = createServer((req, res) => res.end(`still HTTP, ${req.headers.upgrade}`)).listen(
    0,
    '127.0.0.1',
  )
  const client = new Client()
  const response = await client.get(await originOf(plain), {
    headers: { connection: 'upgrade', upgrade: 'x' },
  })
  expect([response.status, await response.text()]).toEqual([200, 'still HTTP, x'])
  await client.close()
  await new Promise((resolve) => plain.close(resolve))
})

test('what is no answer ends the connection, and is told', async () => {
  const told: string[] = []
  const odd = createServer({ onError: (error) => told.push((error as Error).message) })
  odd.on('upgrade', (_req, socket: Socket) => {
    socket.write('this is no HTTP\r\n\r\n')
  })
  odd.listen(0, '127.0.0.1')
  const raw = connect(Number((await originOf(odd)).split(':')[2]), '127.0.0.1')
  raw.on('error', () => {})
  raw.write('GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n')
  await new Promise((resolve) => raw.on('close', resolve))
  expect(raw.bytesRead).toBe(0)
  expect(told).toEqual([
    'an upgrade was answered with what is no response: it does not begin with a status line',
  ])
  await new Promise((resolve) => odd.close(resolve))
})

// As with Node, nobody listens for errors of such a socket before it is anything.
test.each([
  ['the listener ends it without a word', (socket: Socket) => void socket.end()],
  ['the client resets', (_: Socket, raw: Socket) => void raw.resetAndDestroy()],
  ['the client ends', (_: Socket, raw: Socket) => void raw.end()],
  [
    'the server closes all connections',
    (_: Socket, __: Socket, odd: typeof server) => odd.closeAllConnections(),
  ],
] as const)('before there is an answer, %s: its socket closes, and the process lives', async (_, end) => {
  const odd = createServer({ onError: (error) => failures.push(error) })
  const closed = Promise.withResolvers<boolean>()
  odd.on('upgrade', (_req, socket: Socket) => {
    socket.on('close', closed.resolve)
    end(socket, raw, odd)
  })
  odd.listen(0, '127.0.0.1')
  const raw = connect(Number((await originOf(odd)).split(':')[2]), '127.0.0.1')
  raw.on('error', () => {})
  raw.write('GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n')
  await closed.promise
  raw.destroy()
  await new Promise((resolve) => odd.close(resolve))
})

test.each(['HTTP/1.1', 'HTTP/2'])('CONNECT: a tunnel by hand over %s', async (version) => {
  const target = createServer((_, res) => res.end('through the tunnel')).listen(0, '127.0.0.1')
  const there = Number((await originOf(target)).split(':')[2])
  const proxy = createServer((_, res) => res.end('no proxy'))
  const seen: string[] = []
  proxy.on('connect', (req, socket: Socket, head: Buffer) => {
    seen.push(`${req.method} ${req.url} ${req.httpVersion} ${head.length}`)
    const up = connect(there, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\nx-proxy: yes\r\n\r\n')
      pipeline(socket, up, socket, () => {})
    })
  })
  proxy.listen(0, '127.0.0.1')
  const { fields, inside, leave } = await tunnelTo(await originOf(proxy), `127.0.0.1:${there}`, version)
  inside.end('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
  let text = ''
  for await (const chunk of inside as AsyncIterable<Buffer>) text += String(chunk)
  expect(text.split('\r\n')[0]).toBe('HTTP/1.1 200 OK')
  expect(text.endsWith('through the tunnel')).toBe(true)
  expect(fields['x-proxy']).toBe('yes')
  expect(seen).toEqual([`CONNECT 127.0.0.1:${there} ${version === 'HTTP/2' ? '2.0' : '1.1'} 0`])
  await leave()
  for (const one of [target, proxy]) {
    one.closeAllConnections()
    await new Promise((resolve) => one.close(resolve))
  }
})

interface Tunnel {
  readonly fields: Readonly<Record<string, unknown>>
  readonly inside: Duplex
  leave(): unknown
}

async function tunnelTo(proxy: string, target: string, version: string): Promise<Tunnel> {
  if (version === 'HTTP/1.1') {
    const client = new Client()
    const tunnel = await client.tunnel(proxy, target)
    return {
      fields: Object.fromEntries(tunnel.response.headers),
      inside: tunnel.duplex(),
      leave: () => client.close(),
    }
  }
  const session = connectH2(proxy)
  const stream = session.request({ ':method': 'CONNECT', ':authority': target })
  const [fields] = (await once(stream, 'response')) as [Record<string, unknown>]
  return { fields, inside: stream, leave: () => session.close() }
}

test('timeouts.tunnelIdle ends a stream that is silent', async () => {
  const quiet = createServer({ timeouts: { tunnelIdle: 100 } })
  const ends: string[] = []
  const listening = new WebSocketServer({ server: quiet })
  listening.on('connection', (socket) => {
    socket.on('close', () => ends.push('close'))
  })
  quiet.listen(0, '127.0.0.1')
  const socket = new WebSocket((await originOf(quiet)).replace('http', 'ws'))
  socket.on('error', () => {})
  await new Promise((resolve) => socket.on('close', resolve))
  await expect.poll(() => ends).toEqual(['close'])
  await new Promise((resolve) => quiet.close(resolve))
})
