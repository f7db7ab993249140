import { constants } from 'node:http2'
import { HttpResponse } from '@hyper/core/http'
import { afterEach, expect, test } from 'vitest'
import { serve, type ServeOptions, type Server } from '../src/index.ts'
import { ask, closeSessions, open } from './h2-kit.ts'
import { bodyOf, eventually, headOf, Wire } from './wire.ts'

// Shedding load: a server that is busy, and handlers that deny.

let server: Server

afterEach(() => {
  closeSessions()
  return server.close({ deadline: 0 })
})

const GET = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n'
const { NGHTTP2_REFUSED_STREAM } = constants

/** A server whose answers wait for `release`, and count as asked. */
async function gated(
  options: ServeOptions = {},
): Promise<{ readonly asked: number; readonly errors: unknown[]; release: () => void }> {
  let waiting: (() => void)[] = []
  const it = {
    asked: 0,
    errors: [] as unknown[],
    release: (): void => {
      for (const answer of waiting) answer()
      waiting = []
    },
  }
  server = await serve({
    hostname: '127.0.0.1',
    onError: (error) => it.errors.push(error),
    service: () => {
      it.asked++
      return new Promise((resolve) => waiting.push(() => resolve(new HttpResponse('done'))))
    },
    ...options,
  })
  return it
}

test('it is not, unless somebody says so', async () => {
  await gated()
  expect(server.busy).toBe(false)
})

test('HTTP/1: 503 with connection: close, on connections old and new; false serves again', async () => {
  const it = await gated()
  const used = await Wire.open(server.port)
  used.send(GET)
  await eventually(() => it.asked === 1)
  it.release()
  await used.until('done')
  server.busy = true
  used.send(GET)
  await used.ended()
  const refused = await Wire.exchange(server.port, GET + GET)
  expect(refused.startsWith('HTTP/1.1 503 Service Unavailable\r\n')).toBe(true)
  expect(headOf(refused)).toContain('connection: close')
  expect(headOf(refused)).not.toContain('retry-after')
  // One answer: what was pipelined behind it is for another server, too.
  expect(bodyOf(refused)).toBe('')
  expect(used.received.slice(used.received.indexOf('done') + 4)).toMatch(/^HTTP\/1\.1 503 /)
  expect([it.asked, it.errors]).toEqual([1, []])
  used.socket.destroy()
  server.busy = false
  const again = await Wire.open(server.port)
  again.send(GET)
  await eventually(() => it.asked === 2)
  it.release()
  await again.until('done')
  again.socket.destroy()
})

test('HTTP/1: an upload is refused before it is sent, and after', async () => {
  const it = await gated()
  server.busy = true
  const post = (rest: string): string => `POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n${rest}`
  for (const rest of ['expect: 100-continue\r\n\r\n', `\r\n${'x'.repeat(100_000)}`]) {
    expect(await Wire.exchange(server.port, post(rest))).toMatch(/^HTTP\/1\.1 503 [^]*\r\n\r\n$/)
  }
  expect(it.asked).toBe(0)
})

test('what runs is finished', async () => {
  const it = await gated()
  const wire = await Wire.open(server.port)
  const session = open(server)
  wire.send(GET)
  const answer = ask(session)
  await eventually(() => it.asked === 2)
  server.busy = true
  it.release()
  await wire.until('done')
  expect(headOf(wire.received)).not.toContain('connection: close')
  expect(await answer).toMatchObject({ status: 200, body: 'done' })
  wire.socket.destroy()
})

test('HTTP/2: REFUSED_STREAM, on a connection that goes on', async () => {
  const it = await gated()
  const session = open(server)
  server.busy = true
  for (const body of [undefined, 'x'.repeat(100_000)]) {
    const headers = { ':method': body === undefined ? 'GET' : 'POST' }
    expect(await ask(session, headers, body)).toMatchObject({
      status: 0,
      resetCode: NGHTTP2_REFUSED_STREAM,
    })
  }
  server.busy = false
  const answer = ask(session)
  await eventually(() => it.asked === 1)
  it.release()
  expect(await answer).toMatchObject({ status: 200, body: 'done' })
  expect([server.connections, it.errors, session.destroyed]).toEqual([1, [], false])
})

test('a handler may deny a request itself', async () => {
  const completed: unknown[] = []
  const it = await gated({
    service: undefined,
    fetch: (request, context) => {
      context.completed.then(
        () => completed.push('answered'),
        (error: { code: string; reason: string }) => completed.push([error.code, error.reason]),
      )
      return request.url.endsWith('/no') ? context.deny() : new Response('yes')
    },
  })
  const refused = await Wire.exchange(server.port, GET.replace('/', '/no'))
  expect(refused).toMatch(/^HTTP\/1\.1 503 [^]*connection: close\r\n[^]*\r\n\r\n$/)
  const session = open(server)
  expect((await ask(session, { ':path': '/no' })).resetCode).toBe(NGHTTP2_REFUSED_STREAM)
  expect((await ask(session)).body).toBe('yes')
  await eventually(() => completed.length === 3)
  expect(completed).toEqual(['answered', ['CANCELED', 'REFUSED_STREAM'], 'answered'])
  expect(it.errors).toEqual([])
})
