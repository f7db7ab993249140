import { describe, expect, test } from 'vitest'
import type { HyperError } from '../../src/error/index.ts'
import { HttpRequest } from '../../src/http/index.ts'
import { dialed, errorOf, stream, type Dialed } from '../parity/wire-kit.ts'

// A connection whose transport takes no more: of which requests it has taken nothing at all. Those nobody can have
// processed, whatever they ask for.

const EPIPE = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })
const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'
const HEAD = 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\n\r\n'

const post = (body: string | ReturnType<typeof stream> = 'x'): HttpRequest =>
  new HttpRequest('POST', '/', { headers: { host: 'a' }, body })

/** A connection that has answered one request. */
async function reused(): Promise<Dialed> {
  const it = dialed()
  const first = it.sender.send(new HttpRequest('GET', '/', { headers: { host: 'a' } }))
  await it.sent()
  await it.reply(OK)
  await first
  return it
}

/** What a request fails with of whose bytes the last `lost` were not taken. */
async function failed(lost: (bytes: number) => number, request = post()): Promise<HyperError> {
  const { io, runtime, sender, connection } = await reused()
  const outcome = errorOf(sender.send(request))
  await runtime.settle()
  io.failWrites(EPIPE, lost(io.bytes.length))
  io.feedClose(EPIPE)
  await runtime.settle()
  expect((await connection.closed).error).not.toBe(null)
  expect(runtime.timer.pending).toBe(0)
  return outcome
}

describe('a write of which the transport has taken nothing', () => {
  test('is that of all the request: it may be sent again', async () => {
    expect(await failed((bytes) => bytes)).toMatchObject({
      code: 'IO',
      phase: 'write',
      retryable: true,
      unanswered: false,
      statusHint: 502,
      cause: EPIPE,
    })
    expect(await failed((bytes) => bytes + 1)).toMatchObject({ retryable: true })
  })

  test('a byte less, or nobody knows: it may have been processed', async () => {
    const unknown = { code: 'IO', phase: 'write', retryable: false, unanswered: true }
    expect(await failed((bytes) => bytes - 1)).toMatchObject(unknown)
    expect(await failed(() => 0)).toMatchObject(unknown)
  })

  test('on a new connection too', async () => {
    const { io, runtime, sender } = dialed()
    const outcome = errorOf(sender.send(post()))
    await runtime.settle()
    expect(io.text).toBe(`${HEAD}x`)
    io.failWrites(EPIPE, io.bytes.length)
    expect(await outcome).toMatchObject({ code: 'IO', phase: 'write', retryable: true })
  })

  test('is the last of a request that comes in pieces', async () => {
    const piece = 'y'.repeat(70_000)
    for (const [lost, retryable] of [
      [HEAD.length, false],
      [70_000, false],
      [200_000, true],
    ] as const)
      expect([lost, await failed(() => lost, post(stream(piece)))]).toMatchObject([lost, { retryable }])
  })

  test('waits for no answer: it is over at once', async () => {
    const { io, runtime, sender, connection } = await reused()
    const outcome = errorOf(sender.send(post()))
    await runtime.settle()
    io.failWrites(EPIPE, io.bytes.length)
    expect(await outcome).toMatchObject({ retryable: true })
    expect([io.released, connection.isClosed, sender.isClosed]).toEqual([true, true, true])
  })

  test('while the transport holds what was written before: what is left in the output was not taken either', async () => {
    const { io, runtime, sender } = await reused()
    io.hold()
    const outcome = errorOf(sender.send(post(stream('x'))))
    await runtime.settle()
    // The head was written, and is held.
    const { length } = io.bytes
    io.failWrites(EPIPE, length)
    expect([length > 0, await outcome]).toMatchObject([true, { retryable: true }])
  })

  test('and a server that has said something all the same: that is its answer', async () => {
    const { io, runtime, sender } = await reused()
    const outcome = sender.send(post(stream('x')))
    await runtime.settle()
    io.feed('HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
    io.failWrites(EPIPE, 1e6)
    expect((await outcome).status).toBe(408)
  })
})
