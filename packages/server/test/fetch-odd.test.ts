import { inspect } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import { type FetchHandler, Response as OurResponse, serve, type Server } from '../src/index.ts'
import { eventually, Wire } from './wire.ts'

// Handlers and requests that are unusual and allowed: nothing of it may fail for reasons that nobody sees.

let server: Server
let errors: unknown[]

afterEach(() => server.close({ deadline: 0 }))

async function ask(fetch: FetchHandler, request = 'GET / HTTP/1.1\r\nhost: x\r\n'): Promise<Wire> {
  errors = []
  server = await serve({ hostname: '127.0.0.1', fetch, onError: (error) => errors.push(error) })
  const wire = await Wire.open(server.port)
  wire.send(`${request}\r\n`)
  return wire
}

const WITH_BODY = 'GET / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc'

describe('what a handler looks at', () => {
  test('request, response and headers can be printed, and are whole afterwards', async () => {
    const wire = await ask(async (request) => {
      const printed = inspect(request) + inspect(request.headers)
      const response = new OurResponse(`${await request.text()} ${printed.includes("host: 'x'")}`)
      expect(inspect(response)).toContain("'content-type': 'text/plain;charset=UTF-8'")
      return response
    }, 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc')
    await wire.until('abc true')
    expect(errors).toEqual([])
  })

  test.each([
    ['GET with a body', WITH_BODY],
    ['TRACE', 'TRACE / HTTP/1.1\r\nhost: x\r\n'],
  ])('%s, which the platform cannot make, has every plain member', async (_, sent) => {
    const wire = await ask(async (request) => {
      const { cache, credentials, method, mode, redirect } = request
      inspect(request)
      return new OurResponse([method, mode, credentials, cache, redirect, await request.text()].join())
    }, sent)
    await wire.until(`${sent.slice(0, sent.indexOf(' '))},cors,same-origin,default,follow,`)
    expect(errors).toEqual([])
  })
})

describe('a stream that has nothing to give yet', () => {
  const kinds = { 'the platform’s Response': Response, 'our Response': OurResponse }
  test.each(Object.entries(kinds))(
    '%s: its head goes out; it is cancelled when the client leaves',
    async (_, kind) => {
      let isCancelled = false
      const cancel = (): void => {
        isCancelled = true
      }
      const wire = await ask(() => new kind(new ReadableStream({ cancel })))
      await wire.until('200 OK')
      wire.socket.destroy()
      await eventually(() => isCancelled)
    },
  )

  test('what comes later is sent, an error ends the connection', async () => {
    let stream: ReadableStreamDefaultController<Uint8Array> | null = null
    const start = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
      stream = controller
    }
    const wire = await ask(() => new Response(new ReadableStream({ start })))
    await wire.until('200 OK')
    stream!.enqueue(new TextEncoder().encode('late'))
    await wire.until('4\r\nlate\r\n')
    stream!.error(new Error('gone'))
    await wire.closed()
    expect(wire.received).not.toContain('\r\n0\r\n')
    expect(errors).toMatchObject([{ code: 'BODY_FAILED' }])
  })
})

describe('what only looks like a response', () => {
  const looksLike = (headers: unknown): Response =>
    ({ status: 200, statusText: '', headers, body: null, bodyUsed: false }) as Response

  test('a value with a line end in it is refused, and writes no field', async () => {
    for (const headers of [
      [['x-a', 'a\r\nevil: 1']],
      { 'x-a': 'a\r\nevil: 1' },
      new Map([['x\r\ny', 'a']]),
    ]) {
      const wire = await ask(() => looksLike(headers))
      await wire.until('500 Internal Server Error')
      expect(wire.received).not.toContain('evil')
      wire.socket.destroy()
      await server.close({ deadline: 0 })
    }
  })

  test('headers of another implementation are sent', async () => {
    const wire = await ask(() => looksLike(new Map([['X-A', 'b']])))
    await wire.until('x-a: b')
  })
})

test('an upgrade that comes to nothing, and that nobody waits for, is no unhandled rejection', async () => {
  const wire = await ask((_, context) => {
    context.upgrade()
    return new OurResponse('no')
  })
  await wire.until('no')
  await server.close({ deadline: 0 })
  const left = await ask((_, context) => {
    context.upgrade()
    return new Promise<Response>(() => {})
  }, 'GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: x\r\n')
  await eventually(() => server.connections === 1)
  left.socket.destroy()
  await eventually(() => server.connections === 0)
})
