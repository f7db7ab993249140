import { getEventListeners, once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createServer } from '../src/node/index.ts'
import { readListen } from '../src/node/listen-arguments.ts'

// How a node-shaped server listens: the forms of `listen`, what it says of itself, and its errors.

const nothing = (): void => {}

test.each([
  [[], { port: 0 }],
  [[nothing], { port: 0 }],
  [[null, nothing], { port: 0 }],
  [[8080], { port: 8080 }],
  [['8080'], { port: 8080 }],
  [[8080, nothing], { port: 8080 }],
  [[8080, 'localhost'], { port: 8080, host: 'localhost' }],
  [[8080, 'localhost', 100, nothing], { port: 8080, host: 'localhost', backlog: 100 }],
  [[8080, 100], { port: 8080, backlog: 100 }],
  [[8080, undefined, undefined, nothing], { port: 8080 }],
  [['/tmp/socket', 100, nothing], { path: '/tmp/socket', backlog: 100 }],
  [
    [{ port: 8080, host: '::1', backlog: 7, exclusive: true, ipv6Only: true, reusePort: true }, nothing],
    { port: 8080, host: '::1', backlog: 7, exclusive: true, ipv6Only: true, reusePort: true },
  ],
  [[{ path: '/tmp/socket' }], { path: '/tmp/socket' }],
  [[{ fd: 3 }], { fd: 3 }],
  [[{ _handle: { fd: 4 } }, 5], { fd: 4, backlog: 5 }],
  [[{ port: undefined }], { port: 0 }],
])('listen(%j)', (given, expected) => {
  const { callback, place } = readListen(given)
  expect(JSON.parse(JSON.stringify(place))).toEqual(expected)
  expect(callback).toBe((given as unknown[]).includes(nothing) ? nothing : null)
})

test.each([
  [[65_536], 'ERR_SOCKET_BAD_PORT'],
  [[-1], 'ERR_SOCKET_BAD_PORT'],
  [[1.5], 'ERR_SOCKET_BAD_PORT'],
  [[true], 'ERR_SOCKET_BAD_PORT'],
  [[{ port: '80a' }], 'ERR_SOCKET_BAD_PORT'],
  [[{}], 'ERR_INVALID_ARG_VALUE'],
])('listen(%j) is refused', (given, code) => {
  expect(() => readListen(given)).toThrow(expect.objectContaining({ code }))
})

test('address and listening are there at once; listening twice is refused', async () => {
  const server = createServer((_, res) => res.end())
  expect([server.listening, server.address()]).toEqual([false, null])
  let called = 0
  server.listen(0, () => called++)
  expect(server.listening).toBe(true)
  expect(server.address()).toEqual({
    address: expect.any(String) as string,
    family: expect.stringMatching(/^IPv[46]$/) as string,
    port: expect.any(Number) as number,
  })
  expect(() => server.listen(0)).toThrow(expect.objectContaining({ code: 'ERR_SERVER_ALREADY_LISTEN' }))
  await once(server, 'listening')
  expect(called).toBe(1)
  server.close()
  expect([server.listening, server.address()]).toEqual([false, null])
  await once(server, 'close')
})

test('a unix socket', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'hyper-node-'))
  const path = join(directory, 'socket')
  const server = createServer((_, res) => res.end()).listen(path)
  await once(server, 'listening')
  expect(server.address()).toBe(path)
  server.close()
  await once(server, 'close')
  rmSync(directory, { recursive: true })
})

test('a port that is taken is an error event, and the server may try another', async () => {
  const taken = createTcpServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const server = createServer().listen((taken.address() as AddressInfo).port, '127.0.0.1')
  const [error] = (await once(server, 'error')) as [NodeJS.ErrnoException]
  expect([error.code, server.listening]).toEqual(['EADDRINUSE', false])
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  server.close()
  await once(server, 'close')
  taken.close()
})

test('a signal closes it, also one that has aborted before', async () => {
  const controller = new AbortController()
  const server = createServer().listen({ port: 0, host: '127.0.0.1', signal: controller.signal })
  await once(server, 'listening')
  controller.abort()
  await once(server, 'close')
  server.listen({ port: 0, host: '127.0.0.1', signal: AbortSignal.abort() })
  await once(server, 'close')
})

test('a signal is of one time of listening, and not of the next', async () => {
  const controller = new AbortController()
  const { signal } = controller
  const server = createServer().listen({ port: 0, host: '127.0.0.1', signal })
  await once(server, 'listening')
  const taken = createServer().listen({ ...(server.address() as AddressInfo), host: '127.0.0.1', signal })
  await once(taken, 'error')
  server.close()
  await once(server, 'close')
  expect(getEventListeners(signal, 'abort')).toEqual([])
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  controller.abort()
  expect(server.listening).toBe(true)
  server.close()
  await once(server, 'close')
})

test('what cannot be is refused when the server is made', () => {
  expect(() => createServer({ limits: { maxHeaders: -1 } })).toThrow(
    expect.objectContaining({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('limits.maxHeaders') as string,
    }),
  )
  expect(() => createServer({ keepAliveTimeout: -1 })).toThrow()
  expect(() => createServer({ cert: 'no certificate', key: 'no key' })).toThrow()
})
