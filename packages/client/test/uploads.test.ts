import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { channel } from '@hyper/core/body'
import { testCertificate } from '@hyper/testkit'
import { afterEach, describe, expect, test } from 'vitest'
import { Client } from '../src/index.ts'
import { H2Server } from './h2-server.ts'

const { cert } = await testCertificate()

// A server that does not want the upload: it answers in the middle of it, and resets the connection.

const cleanups: (() => unknown)[] = []

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

const SIZE = 20_000_000
const ANSWER = 'HTTP/1.1 413 Content Too Large\r\ncontent-length: 9\r\nconnection: close\r\n\r\ntoo large'

/** Reads some of a request, answers, and ends the connection in its way. */
async function refusing(end: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => {
      socket.pause()
      // By then the client has filled what the kernel holds, and goes on writing.
      setTimeout(() => socket.write(ANSWER, () => end(socket)), 5)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

function clientOf(): Client {
  const client = new Client({ ca: cert })
  cleanups.push(() => client.abort())
  return client
}

const CHUNK = new Uint8Array(100_000)

async function* parts(): AsyncGenerator<Uint8Array> {
  for (let sent = 0; sent < SIZE; sent += CHUNK.length) yield CHUNK
}

const BODIES: readonly [string, () => Uint8Array | AsyncGenerator<Uint8Array>][] = [
  ['buffered', () => new Uint8Array(SIZE)],
  ['streamed', parts],
]

const ENDS: readonly [string, (socket: Socket) => void][] = [
  ['FIN and reset', (socket) => socket.destroy()],
  ['reset', (socket) => setTimeout(() => socket.resetAndDestroy(), 5)],
  ['FIN', (socket) => socket.end()],
]

describe.each(ENDS)('answered with 413, then %s', (_, end) => {
  test.each(BODIES)(
    'the answer is delivered, 20 of 20 times, %s',
    { timeout: 120_000 },
    async (_name, body) => {
      const url = await refusing(end)
      let delivered = 0
      for (let i = 0; i < 20; i++) {
        const client = clientOf()
        const response = await client.post(url, { body: body() })
        if (response.status === 413 && (await response.text()) === 'too large') delivered++
        client.abort()
      }
      expect(delivered).toBe(20)
    },
  )
})

test('the source of the rest is told that nobody wants it', async () => {
  const url = await refusing((socket) => socket.destroy())
  const { body, sender } = channel()
  void sender.send(CHUNK)
  const response = await clientOf().post(url, { body })
  expect([response.status, await response.text()]).toEqual([413, 'too large'])
  expect(sender.isClosed).toBe(true)
})

test('over HTTP/2 the answer is delivered, and the connection goes on', async () => {
  const server = await H2Server.start((stream) => {
    stream.respond({ ':status': 413 })
    stream.end('too large')
    stream.close(0)
  })
  cleanups.push(() => server.close())
  const client = clientOf()
  for (const [, body] of BODIES) {
    for (let i = 0; i < 20; i++) {
      const response = await client.post(server.url, { body: body() })
      expect([response.status, await response.text()]).toEqual([413, 'too large'])
    }
  }
  expect(server.sockets).toBe(1)
})
