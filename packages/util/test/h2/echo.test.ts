import { HttpRequest, HttpResponse } from '@hyper/core'
import { handshake, serveConnection } from '@hyper/core/h2'
import type { Io, Runtime } from '@hyper/core/rt'
import { VirtualRuntime } from '@hyper/testkit'
import { duplex } from '@hyper/util/memory'
import { connectTcp, listen, nodeRuntime } from '@hyper/util/node'
import { describe, expect, test } from 'vitest'

// Bodies that go both ways at once over transports that hold only so much: neither side may wait for the other to read
// while it does not read itself.

const MIB = 1_048_576
const CHUNK = 65_536

function* chunks(bytes: number): Iterable<Uint8Array> {
  for (let left = bytes; left > 0; left -= CHUNK) yield new Uint8Array(Math.min(left, CHUNK))
}

function serve(io: Io, runtime: Runtime): void {
  serveConnection(io, (request) => new HttpResponse(request.body), { runtime })
}

/** Sends `bytes` on each of so many streams at once. @returns how many come back */
async function echo(near: Io, runtime: Runtime, streams: number, bytes: number): Promise<number[]> {
  const { sender, connection } = handshake(near, { runtime })
  const one = async (): Promise<number> => {
    const headers = { host: 'a' }
    const response = await sender.send(new HttpRequest('POST', '/', { headers, body: chunks(bytes) }))
    let count = 0
    for await (const chunk of response.body) count += chunk.length
    return count
  }
  const counts = await Promise.all(Array.from({ length: streams }, one))
  connection.gracefulShutdown()
  return counts
}

describe.each([16_384, 65_536, MIB])('a transport that holds %i bytes each way', (highWaterMark) => {
  test.each([1, 8])('%i streams of 8 MiB come back', async (streams) => {
    const runtime = new VirtualRuntime()
    const began = runtime.clock.now()
    let counts: number[] | null = null
    const [near, far] = duplex({ runtime, highWaterMark })
    serve(far, runtime)
    const done = echo(near, runtime, streams, 8 * MIB).then((result) => (counts = result))
    await runtime.settle(1_000_000)
    expect(counts).toEqual(Array(streams).fill(8 * MIB))
    // Nothing had to be waited for.
    expect(runtime.clock.now()).toBe(began)
    await done
  })
})

test('the same over sockets', async () => {
  const hostname = '127.0.0.1'
  const listener = listen({ port: 0, hostname }, (io) => serve(io, nodeRuntime))
  await listener.ready
  const near = await connectTcp({ host: hostname, port: listener.address!.port! })
  expect(await echo(near, nodeRuntime, 8, 8 * MIB)).toEqual(Array(8).fill(8 * MIB))
  await listener.close()
})
