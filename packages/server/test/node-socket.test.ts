import { once } from 'node:events'
import type { IncomingMessage, RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { afterEach, expect, test } from 'vitest'
import { createServer } from '../src/node/index.ts'
import { eventually, Wire } from './wire.ts'

// What `request.socket` has of a socket of Node's, beside what the frameworks' tests ask it for.

let server: Server

afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const GET = 'GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'

async function listening(listener: RequestListener): Promise<number> {
  server = createServer({ onError: () => undefined }, listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function exchange(text: string, listener: RequestListener): Promise<string> {
  return Wire.exchange(await listening(listener), text)
}

async function opened(listener: RequestListener): Promise<Wire> {
  return Wire.open(await listening(listener))
}

test('what is a plain property of Node’s sockets can be set, for the connection', async () => {
  const seen: unknown[] = []
  const see = ({ socket }: IncomingMessage): unknown => {
    const { alpnProtocol, authorizationError, authorized, encrypted, servername } = socket as TLSSocket
    return [encrypted, authorized, authorizationError, alpnProtocol, servername]
  }
  await exchange(GET.replace('close', 'keep-alive') + GET, (req, res) => {
    seen.push(see(req))
    const error = new Error('not trusted')
    if (seen.length === 1)
      Object.assign(req.socket, {
        encrypted: true,
        authorized: true,
        authorizationError: error,
        alpnProtocol: 'http/1.1',
        servername: 'a.test',
      })
    res.end()
  })
  expect(seen).toEqual([
    [undefined, false, null, false, false],
    [true, true, new Error('not trusted'), 'http/1.1', 'a.test'],
  ])
})

test('bytesRead and bytesWritten are those of the connection', async () => {
  const counts: number[][] = []
  const text = await exchange(GET.replace('close', 'keep-alive') + GET, (req, res) => {
    // Pipelined: both requests have come, and of the answers none has left.
    counts.push([req.socket.bytesRead, req.socket.bytesWritten])
    res.end('x')
  })
  expect(text).toContain('x')
  const all = 2 * GET.length + 'keep-alive'.length - 'close'.length
  expect(counts).toEqual([
    [all, 0],
    [all, 0],
  ])
})

test('_handle is there while the server listens, and closing goes by it', async () => {
  server = createServer()
  const hasHandle = (): boolean => (server as unknown as { _handle: object | null })._handle !== null
  expect(hasHandle()).toBe(false)
  server.listen(0)
  expect(hasHandle()).toBe(true)
  await once(server, 'listening')
  await new Promise((resolve) => server.close(resolve))
  expect(hasHandle()).toBe(false)
})

test('what it was destroyed with, and what the transport has failed by, is told as `error` before `close`', async () => {
  const heard: string[] = []
  const wire = await opened(({ socket, url }) => {
    socket.on('error', (error: NodeJS.ErrnoException) => heard.push(`error ${error.code ?? error.message}`))
    socket.on('close', (hadError) => heard.push(`close ${hadError}`))
    if (url === '/destroy') socket.destroy(new Error('boom'))
    else if (url === '/nobody') socket.removeAllListeners('error').destroy(new Error('unheard'))
    else heard.push('asked')
  })
  wire.send(GET.replace('/', '/destroy'))
  await wire.ended()
  await eventually(() => heard.length === 2)
  const nobody = await Wire.open((server.address() as AddressInfo).port)
  nobody.send(GET.replace('/', '/nobody'))
  await nobody.ended()
  await eventually(() => heard.length === 3)
  const gone = await Wire.open((server.address() as AddressInfo).port)
  gone.send(GET)
  await eventually(() => heard.length === 4)
  gone.socket.resetAndDestroy()
  await eventually(() => heard.length === 6)
  expect(heard).toEqual(['error boom', 'close true', 'close true', 'asked', 'error ECONNRESET', 'close true'])
})
