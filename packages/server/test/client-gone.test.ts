import { once } from 'node:events'
import { connect, constants } from 'node:http2'
import { lacks } from '@hyper/testkit'
import { afterEach, describe, expect, test } from 'vitest'
import { type FetchContext, Response as FetchResponse, serve, type Server } from '../src/index.ts'
import { ask, closeSessions, open } from './h2-kit.ts'
import { eventually, Wire } from './wire.ts'

// Whoever answers hears when the client has gone, whatever it was doing, and never when it got its answer. How soon is
// measured by benchmarks/src/soak/client-gone.ts.

let server: Server

afterEach(() => {
  closeSessions()
  return server.close({ deadline: 0 })
})

interface Heard {
  readonly signal: string
  readonly completed: string
}

const codeOf = (error: unknown): string => (error as { code: string }).code

/** A server that answers nothing, or begins a stream, and what it hears of its one client. */
async function waiting(): Promise<{ asked: Promise<void>; heard: Promise<Heard> }> {
  const [asked, heard] = [Promise.withResolvers<void>(), Promise.withResolvers<Heard>()]
  server = await serve({
    hostname: '127.0.0.1',
    onError: () => undefined,
    fetch(request, context) {
      const { signal } = request
      signal.addEventListener('abort', () => {
        void context.completed.then(
          () => heard.resolve({ signal: codeOf(signal.reason), completed: 'yes' }),
          (error: unknown) => heard.resolve({ signal: codeOf(signal.reason), completed: codeOf(error) }),
        )
      })
      asked.resolve()
      if (!request.url.endsWith('/begun')) return new Promise<Response>(() => undefined)
      return new FetchResponse(new ReadableStream({ start: (c) => c.enqueue(Buffer.from('begun')) }))
    },
  })
  return { asked: asked.promise, heard: heard.promise }
}

// A body that nobody reads takes one chunk, and that is what one read brings: 4 KiB at first on Deno.
const UNREAD = lacks.reset === null ? 12_000 : 3_000
const POST = 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n'

describe('HTTP/1', () => {
  test.each([
    ['before an answer', 'GET / HTTP/1.1\r\nhost: x\r\n\r\n', ''],
    ['while the answer is sent', 'GET /begun HTTP/1.1\r\nhost: x\r\n\r\n', 'begun'],
    ['with an upload that nobody has read', POST + 'x'.repeat(UNREAD), ''],
  ])('%s', async (_, text, until) => {
    for (const [way, codes] of [
      ['reset', ['IO']],
      ['end', ['CANCELED', 'INCOMPLETE_MESSAGE']],
    ] as const) {
      const { asked, heard } = await waiting()
      const wire = await Wire.open(server.port)
      wire.send(text)
      if (until === '') await asked
      else await wire.until(until)
      if (way === 'reset') wire.socket.resetAndDestroy()
      else wire.socket.end()
      const { completed, signal } = await heard
      expect(codes).toContain(signal)
      expect(completed).toBe(signal)
      wire.socket.destroy()
      await server.close({ deadline: 0 })
    }
  })
})

describe('HTTP/2', () => {
  test.each([
    ['before an answer', '/', 0],
    ['while the answer is sent', '/begun', 0],
    ['with an upload that nobody has read', '/', 500_000],
  ])('%s', async (_, path, size) => {
    for (const [way, codes] of [
      ['the stream is reset', ['STREAM_RESET']],
      // Some clients reset their streams before they go.
      ['the connection is cut', ['CANCELED', 'INCOMPLETE_MESSAGE', 'IO', 'STREAM_RESET']],
    ] as const) {
      const { asked, heard } = await waiting()
      const session = open(server)
      const headers = { ':path': path, ':method': size === 0 ? 'GET' : 'POST' }
      const stream = session.request(headers, { endStream: size === 0 })
      stream.on('error', () => undefined)
      if (size > 0) stream.write(Buffer.alloc(size))
      if (path === '/begun') await once(stream, 'response')
      await asked
      if (way === 'the stream is reset') stream.close(constants.NGHTTP2_CANCEL)
      else session.destroy()
      const { completed, signal } = await heard
      expect(codes).toContain(signal)
      expect(completed).toBe(signal)
      await server.close({ deadline: 0 })
    }
  })
})

describe('after a success', () => {
  interface Counts {
    aborted: number
    completed: number
    failed: number
  }

  async function answering(): Promise<Counts> {
    const counts: Counts = { aborted: 0, completed: 0, failed: 0 }
    server = await serve({
      hostname: '127.0.0.1',
      fetch(request: Request, context: FetchContext) {
        request.signal.addEventListener('abort', () => counts.aborted++)
        context.completed.then(
          () => counts.completed++,
          () => counts.failed++,
        )
        if (request.url.endsWith('/none')) return new FetchResponse(null, { status: 204 })
        if (request.url.endsWith('/streamed')) {
          let left = 3
          return new Response(
            new ReadableStream({
              pull(controller) {
                controller.enqueue(Buffer.from('piece'))
                if (--left === 0) controller.close()
              },
            }),
          )
        }
        return new FetchResponse('whole')
      },
    })
    return counts
  }

  const KINDS = [
    ['GET', '/'],
    ['HEAD', '/'],
    ['HEAD', '/streamed'],
    ['GET', '/none'],
    ['GET', '/streamed'],
    ['POST', '/'],
  ] as const

  test('HTTP/1: kept alive and then closed, cut or ended by the client; `completed` each time', async () => {
    const counts = await answering()
    let sent = 0
    for (const way of ['resetAndDestroy', 'end', 'destroy'] as const) {
      const wire = await Wire.open(server.port)
      for (const [method, path] of KINDS) {
        const body = method === 'POST' ? 'content-length: 4\r\n\r\nbody' : '\r\n'
        wire.send(`${method} ${path} HTTP/1.1\r\nhost: x\r\n${body}`)
        sent++
        await eventually(() => counts.completed === sent)
      }
      wire.socket[way]()
      await eventually(() => server.connections === 0)
    }
    expect(counts).toEqual({ aborted: 0, completed: sent, failed: 0 })
  })

  test('HTTP/2: on one session, which is cut', async () => {
    const counts = await answering()
    for (let round = 1; round <= 3; round++) {
      const session = connect(server.url)
      session.on('error', () => undefined)
      for (const [method, path] of KINDS)
        await ask(session, { ':method': method, ':path': path }, method === 'POST' ? 'body' : undefined)
      session.destroy()
      await eventually(() => counts.completed === round * KINDS.length)
      await eventually(() => server.connections === 0)
    }
    expect(counts).toEqual({ aborted: 0, completed: 3 * KINDS.length, failed: 0 })
  })
})
