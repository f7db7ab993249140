import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HyperError } from '@hyper/core/error'
import { afterEach, describe, expect, test } from 'vitest'
import { dialTcp, dialUnix } from '../here.ts'

const cleanups: (() => void)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

interface Accepting {
  readonly port: number
  readonly sockets: Socket[]
  readonly server: Server
}

async function accept(host: string = '127.0.0.1'): Promise<Accepting> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
  })
  server.listen(0, host)
  await once(server, 'listening')
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { server, sockets, port: (server.address() as AddressInfo).port }
}

async function until(test_: () => boolean): Promise<void> {
  while (!test_()) await new Promise((resolve) => setImmediate(resolve))
}

test('an address', async () => {
  const { port } = await accept()
  const io = await dialTcp('127.0.0.1', port)
  expect(io.peer).toMatchObject({
    transport: 'tcp',
    encrypted: false,
    remoteAddress: '127.0.0.1',
    remotePort: port,
  })
  io.abort()
})

const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === '::1'),
)

test.runIf(hasIpv6)('an IPv6 address (skipped where the machine has none)', async () => {
  const { port } = await accept('::1')
  const io = await dialTcp('::1', port)
  expect(io.peer).toMatchObject({ transport: 'tcp', remoteAddress: '::1', remotePort: port })
  io.abort()
})

describe('row 312: our own end', () => {
  test.each([
    ['one', '127.0.0.2', '127.0.0.2'],
    ['that of the family, of several', ['::1', '127.0.0.3'], '127.0.0.3'],
  ])('local address: %s', async (_, localAddress, expected) => {
    const { port, sockets } = await accept()
    const io = await dialTcp('127.0.0.1', port, { localAddress })
    expect(io.peer.localAddress).toBe(expected)
    await until(() => sockets.length === 1)
    expect(sockets[0]?.remoteAddress).toBe(expected)
    io.abort()
  })

  test('a local address of the other family only', async () => {
    await expect(dialTcp('127.0.0.1', 1, { localAddress: '::1' })).rejects.toMatchObject({
      code: 'CONNECT',
      phase: 'connect',
    })
  })

  test('local port', async () => {
    const { port } = await accept()
    // A port that was listened on has no connection in TIME-WAIT, as one that was dialled from may have.
    const { port: localPort, server } = await accept()
    server.close()
    await once(server, 'close')
    const io = await dialTcp('127.0.0.1', port, { localPort })
    expect(io.peer.localPort).toBe(localPort)
    io.abort()
  })

  // The kernel tells of the timer of each connection: 02 is that of keep-alive, and how many ticks it has left.
  test.runIf(process.platform === 'linux').each([
    ['off by default', undefined, null],
    ['null', null, null],
    ['0', 0, null],
    ['after so many ms', 42_000, 42],
  ])('keep-alive: %s', async (_, keepAlive, seconds) => {
    const { port } = await accept()
    const io = await dialTcp('127.0.0.1', port, { keepAlive })
    const [ours, theirs] = [io.peer.localPort ?? 0, port].map((number) =>
      number.toString(16).toUpperCase().padStart(4, '0'),
    )
    const line = readFileSync('/proc/net/tcp', 'latin1')
      .split('\n')
      .find((text) => text.includes(`:${ours} 0100007F:${theirs} `))
    const [, active = '', ticks = ''] = /:[\dA-F]{8} (\d\d):([\dA-F]{8})/.exec(line ?? '') ?? []
    io.abort()
    expect(active).toBe(seconds === null ? '00' : '02')
    if (seconds !== null) expect(Math.round(Number.parseInt(ticks, 16) / 100)).toBe(seconds)
  })
})

describe('no connection', () => {
  test('nobody listens', async () => {
    const { port, server } = await accept()
    server.close()
    await once(server, 'close')
    await expect(dialTcp('127.0.0.1', port)).rejects.toMatchObject({
      code: 'CONNECT',
      phase: 'connect',
      by: 'io',
      retryable: true,
      address: `127.0.0.1:${port}`,
      cause: { code: 'ECONNREFUSED' },
      message: `connecting to 127.0.0.1:${port} failed: nobody listens there (ECONNREFUSED)`,
    })
  })

  test('a name is no address', async () => {
    await expect(dialTcp('localhost', 80)).rejects.toMatchObject({ code: 'INVALID_OPTION', by: 'user' })
  })

  test('giving up', async () => {
    const { port } = await accept()
    const stop = new AbortController()
    const dialling = dialTcp('127.0.0.1', port, { signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(dialling).rejects.toMatchObject({
      code: 'CANCELED',
      by: 'user',
      phase: 'connect',
      cause: { message: 'enough' },
    })
    await expect(dialTcp('127.0.0.1', port, { signal: stop.signal })).rejects.toMatchObject({
      code: 'CANCELED',
    })
  })
})

test('a unix socket, and none', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'hyper-dial-'))
  cleanups.push(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 'socket')
  const server = createServer((socket) => socket.on('error', () => undefined).end('hello'))
  server.listen(path)
  await once(server, 'listening')
  cleanups.push(() => server.close())
  const io = await dialUnix(path)
  expect(io.peer.transport).toBe('unix')
  io.abort()
  await expect(dialUnix(`${path}2`)).rejects.toMatchObject({
    code: 'CONNECT',
    address: `${path}2`,
    message: `connecting to ${path}2 failed: there is no such socket (ENOENT)`,
  })
  const stopped = dialUnix(path, { signal: AbortSignal.abort() })
  expect(await stopped.catch((error: HyperError) => error.code)).toBe('CANCELED')
})
