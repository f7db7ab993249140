import { once } from 'node:events'
import { createServer as createNodeServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { createServer } from '../src/node/index.ts'
import { Wire } from './wire.ts'

// What listeners of `upgrade` and `connect` get, and what becomes of what they do with it: the same behind node:http and
// behind ours, but for the fields that ours answers with.

type Listener = (request: IncomingMessage, socket: Socket, head: Buffer) => void

let server: Server
const sockets: { destroy(): void }[] = []

afterEach(async () => {
  // As with Node: who closes a server has the sockets that left HTTP to end himself.
  for (const socket of sockets.splice(0)) socket.destroy()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const ASK = 'GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'
const YES = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'
const CONNECT = 'CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n'
const OPEN = 'HTTP/1.1 200 Connection Established\r\n\r\n'

async function serving(
  make: typeof createServer,
  on: 'upgrade' | 'connect',
  listener: Listener,
): Promise<Wire> {
  server = make().on(on, (request: IncomingMessage, socket, head: Buffer) => {
    sockets.push(socket)
    listener(request, socket as Socket, head)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const wire = await Wire.open((server.address() as AddressInfo).port)
  sockets.push(wire.socket)
  return wire
}

describe.each([
  ['node:http', createNodeServer as typeof createServer],
  ['@hyper/server/node', createServer],
])('%s', (_, make) => {
  test.each([
    ['upgrade', ASK, YES],
    ['connect', CONNECT, OPEN],
  ] as const)('bytes that came with an %s are its head, and come once', async (on, ask, yes) => {
    const heads: string[] = []
    let all = ''
    const wire = await serving(make, on, (_request, socket, head) => {
      heads.push(String(head))
      socket.on('data', (chunk: Buffer) => {
        all += String(chunk)
        socket.write(`[${String(chunk)}]`)
      })
      socket.write(yes)
    })
    wire.send(`${ask}early`)
    await wire.until('\r\n\r\n')
    wire.send(' late')
    await wire.until('[ late]')
    expect([heads, all]).toEqual([['early'], ' late'])
  })

  test('a head that is put back is read first', async () => {
    const wire = await serving(make, 'upgrade', (_request, socket, head) => {
      socket.unshift(head)
      socket.write(YES)
      let all = ''
      socket.on('data', (chunk: Buffer) => {
        all += String(chunk)
        if (all.length === 10) socket.end(`<${all}>`)
      })
    })
    wire.send(`${ASK}early`)
    await wire.until('\r\n\r\n')
    wire.send(' late')
    expect(await wire.until('<early late>')).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/)
  })

  test('without early bytes the head is empty', async () => {
    const heads: Buffer[] = []
    const wire = await serving(make, 'upgrade', (_request, socket, head) => {
      heads.push(head)
      socket.end(YES)
    })
    wire.send(ASK)
    await wire.until('\r\n\r\n')
    expect(heads).toEqual([Buffer.alloc(0)])
  })

  test('the end of the client is told to who listens for it and does not read', async () => {
    const wire = await serving(make, 'upgrade', (_request, socket) => {
      socket.on('end', () => socket.end('bye'))
      socket.write(YES)
    })
    wire.send(ASK)
    await wire.until('\r\n\r\n')
    wire.socket.end()
    await wire.until('bye')
    await wire.ended()
  })

  test('what was written before it is destroyed is delivered, and then the end', async () => {
    for (const isLater of [false, true]) {
      const wire = await serving(make, 'upgrade', (_request, socket) => {
        socket.write(YES)
        const leave = (): void => {
          socket.write('last words')
          socket.destroy()
        }
        if (isLater) socket.once('data', leave)
        else leave()
      })
      wire.send(ASK)
      if (isLater) {
        await wire.until('\r\n\r\n')
        wire.send('go')
      }
      await wire.until('last words')
      await wire.ended()
      expect(wire.error).toBe(null)
      if (!isLater) {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      }
    }
  })

  test('resetAndDestroy is seen as a reset', async () => {
    const wire = await serving(make, 'upgrade', (_request, socket) => {
      socket.write(YES)
      socket.once('data', () => socket.resetAndDestroy())
    })
    wire.send(ASK)
    await wire.until('\r\n\r\n')
    wire.send('go')
    await wire.cut()
  })

  test.each([
    ['a body of the length that its head says', 'content-length: 3\r\n\r\nfoo', 'foo'],
    ['no body', 'content-length: 0\r\n\r\n', ''],
  ])('an answer that declines with %s does not wait for the end of the stream', async (_name, rest, body) => {
    const wire = await serving(make, 'upgrade', (_request, socket) => {
      socket.on('end', () => socket.end())
      socket.write('HTTP/1.1 403 Forbidden\r\n')
      socket.write(rest)
    })
    wire.send(ASK)
    expect(await wire.until(`\r\n\r\n${body}`)).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/)
    expect(wire.received).toContain(`content-length: ${body.length}\r\n`)
    wire.socket.end()
    await wire.ended()
  })
})
