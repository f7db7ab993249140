import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { Io } from '@hyper/core/rt'
import { dialTcp } from '@hyper/util/node'
import { afterEach, expect, test } from 'vitest'

// What dialled sockets hand on is theirs to keep, although all of them read into one buffer.

const sockets: Socket[] = []
const server = createServer((socket) => sockets.push(socket))

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
  server.close()
})

interface Reading {
  readonly io: Io
  readonly chunks: Uint8Array[]
  length: number
}

async function dialled(): Promise<[Socket, Reading]> {
  const before = sockets.length
  const io = await dialTcp('127.0.0.1', (server.address() as AddressInfo).port)
  while (sockets.length === before) await new Promise((resolve) => setImmediate(resolve))
  const reading: Reading = { io, chunks: [], length: 0 }
  io.start({
    onData: (chunk) => {
      reading.chunks.push(chunk)
      reading.length += chunk.length
      return true
    },
    onEnd: () => {},
    onDrain: () => {},
    onWriteError: () => {},
    onClose: () => {},
  })
  return [sockets.at(-1) as Socket, reading]
}

async function has(reading: Reading, length: number): Promise<void> {
  while (reading.length < length) await new Promise((resolve) => setImmediate(resolve))
}

test('small and large reads of several sockets in turn stay what they were', async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const pairs = [await dialled(), await dialled(), await dialled()]
  const sent = pairs.map((): Buffer[] => [])
  // Sizes below and above what makes a socket read into a buffer of its own, and back.
  const sizes = [1, 300, 16_383, 16_384, 65_536, 200_000, 7, 70_000, 5, 5, 16_384, 1]
  for (const [round, size] of sizes.entries()) {
    for (const [at, [socket]] of pairs.entries()) {
      const bytes = Buffer.alloc(size, round * pairs.length + at + 1)
      sent[at]?.push(bytes)
      socket.write(bytes)
    }
    for (const [at, [, reading]] of pairs.entries())
      await has(
        reading,
        (sent[at] ?? []).reduce((sum, { length }) => sum + length, 0),
      )
  }
  for (const [at, [, { io, chunks }]] of pairs.entries()) {
    expect(Buffer.concat(chunks).equals(Buffer.concat(sent[at] ?? []))).toBe(true)
    io.abort()
  }
})

test('what a sink throws is nothing to the other sockets', async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const [socket, reading] = await dialled()
  const [other, otherReading] = await dialled()
  const thrown: unknown[] = []
  process.setUncaughtExceptionCaptureCallback((error) => thrown.push(error))
  const { push } = reading.chunks
  reading.chunks.push = () => {
    throw new Error('a sink that fails')
  }
  socket.write(Buffer.alloc(20_000, 1))
  while (thrown.length === 0) await new Promise((resolve) => setImmediate(resolve))
  reading.chunks.push = push
  other.write('fine')
  await has(otherReading, 4)
  const [third, thirdReading] = await dialled()
  third.write('fine too')
  await has(thirdReading, 8)
  process.setUncaughtExceptionCaptureCallback(null)
  expect(thrown[0]).toMatchObject({ message: 'a sink that fails' })
  expect(Buffer.concat(otherReading.chunks).toString()).toBe('fine')
  expect(Buffer.concat(thirdReading.chunks).toString()).toBe('fine too')
  for (const { io } of [reading, otherReading, thirdReading]) io.abort()
})
