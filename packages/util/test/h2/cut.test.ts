import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { HttpRequest, HttpResponse } from '@hyper/core'
import { HyperError } from '@hyper/core/error'
import { handshake, serveConnection } from '@hyper/core/h2'
import { frames } from '@hyper/testkit'
import { connectTcp, createNodeRuntime, listen, nodeRuntime } from '@hyper/util/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

// A conversation over real sockets that is cut after each of its bytes, by a reset or by an end: whoever waits is answered,
// nothing is left open, and the next connection is served.

const HOST = '127.0.0.1'
const ENDS = ['reset', 'end'] as const
const unhandled: unknown[] = []
const note = (error: unknown): void => void unhandled.push(error)

beforeAll(() => process.on('unhandledRejection', note))
afterAll(() => void process.off('unhandledRejection', note))

const { data, headers, request, response, settings, settingsAck, windowUpdate } = frames

function cut(socket: Socket, end: (typeof ENDS)[number]): void {
  if (end === 'end') socket.end()
  else socket.resetAndDestroy()
}

async function written(socket: Socket, bytes: Uint8Array): Promise<void> {
  if (bytes.length > 0) await new Promise<void>((resolve) => socket.write(bytes, () => resolve()))
}

describe('a server', () => {
  const wire = frames.join(
    frames.preface,
    settings({ initialWindowSize: 10 }),
    settingsAck(),
    request(1, [], { method: 'POST' }),
    data(1, 'hello'),
    request(3),
    windowUpdate(3, 100),
    headers(1, [['sum', '1']], { endStream: true }),
  )

  test.each(ENDS)(
    'is cut off by a client: %s',
    async (end) => {
      const errors: unknown[] = []
      const bodies: Promise<string>[] = []
      const connections = new Set<ReturnType<typeof serveConnection>>()
      const runtime = createNodeRuntime({ onError: (error) => void errors.push(error) })
      const listener = listen({ port: 0, hostname: HOST }, (io) => {
        const connection = serveConnection(
          io,
          async (message) => {
            const text = message.text()
            bodies.push(text.catch(() => ''))
            return new HttpResponse(`${await text} ${'x'.repeat(50)}`)
          },
          { runtime },
        )
        connections.add(connection)
        void connection.closed.then(() => connections.delete(connection))
      })
      await listener.ready
      const { port } = listener.address!
      for (let at = 0; at <= wire.length; at++) {
        const socket = connect(port!, HOST)
        socket.on('error', () => {})
        socket.resume()
        await once(socket, 'connect')
        await written(socket, wire.subarray(0, at))
        cut(socket, end)
        await once(socket, 'close')
      }
      while (connections.size > 0) await Promise.all(Array.from(connections, ({ closed }) => closed))
      await Promise.all(bodies)
      expect(errors.filter((error) => !(error instanceof HyperError))).toEqual([])
      // And the next one is served.
      const { sender, connection } = handshake(await connectTcp({ host: HOST, port: port! }), {
        runtime: nodeRuntime,
      })
      const answer = await sender.send(new HttpRequest('GET', '/', { headers: { host: 'a' } }))
      expect(await answer.text()).toBe(` ${'x'.repeat(50)}`)
      connection.gracefulShutdown()
      await connection.closed
      await listener.close()
    },
    120_000,
  )
})

describe('a client', () => {
  const wire = frames.join(
    settings({ initialWindowSize: 10 }),
    settingsAck(),
    response(1, 103),
    response(1, 200),
    data(1, 'hello'),
    windowUpdate(1, 100),
    headers(1, [['sum', '1']], { endStream: true }),
  )

  async function listening(onSocket: (socket: Socket) => void): Promise<Server> {
    const server = createServer({ allowHalfOpen: true }, onSocket)
    server.listen(0, HOST)
    await once(server, 'listening')
    return server
  }

  test.each(ENDS)(
    'is cut off by a server: %s',
    async (end) => {
      let at = 0
      const server = await listening((socket) => {
        socket.on('error', () => {})
        socket.once('data', () => {
          void written(socket, wire.subarray(0, at)).then(() => cut(socket, end))
        })
        socket.on('end', () => socket.end())
      })
      const { port } = server.address() as AddressInfo
      const seen = new Set<string>()
      for (; at <= wire.length; at++) {
        const { sender, connection } = handshake(await connectTcp({ host: HOST, port }), {
          runtime: nodeRuntime,
        })
        const message = new HttpRequest('POST', '/', { headers: { host: 'a' }, body: 'x'.repeat(50) })
        const outcome = await sender.send(message).then(
          (answer) => answer.text().catch((error: HyperError) => error),
          (error: HyperError) => error,
        )
        seen.add(outcome instanceof HyperError ? `${outcome.code} ${outcome.phase}` : outcome)
        await connection.closed
        expect(sender.isClosed).toBe(true)
      }
      const expected = end === 'end' ? 'INCOMPLETE_MESSAGE' : 'IO'
      expect(seen).toContain(`${expected} headers`)
      // What was under way when the reset came is lost.
      if (end === 'end') expect(seen).toContain(`${expected} body`)
      expect(
        Array.from(seen).filter((what) => !/^(INCOMPLETE_MESSAGE|IO|CLOSED) |^hello$/u.test(what)),
      ).toEqual([])
      server.close()
    },
    120_000,
  )
})

test('nothing was rejected that nobody waits for', () => {
  expect(unhandled).toEqual([])
})
