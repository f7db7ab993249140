import { createReadStream, type ReadStream } from 'node:fs'
import { PassThrough, Readable } from 'node:stream'
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

// A throw in a microtask that nobody waits for would end the process; here it fails the run.
describe('a generator whose client leaves', () => {
  const kinds = { 'the platform’s Response': Response, 'our Response': OurResponse }
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

  test.each(Object.entries(kinds))('%s: it may end by itself', async (_, kind) => {
    let hasEnded = false
    const wire = await ask(({ signal }) => {
      async function* events(): AsyncGenerator<Uint8Array> {
        yield Buffer.from('first')
        while (!signal.aborted) await turn()
        hasEnded = true
      }
      return new kind(events())
    })
    await wire.until('first')
    wire.socket.resetAndDestroy()
    await eventually(() => hasEnded)
    for (let i = 0; i < 3; i++) await turn()
  })

  test.each(Object.entries(kinds))('%s: it is stopped where it is', async (_, kind) => {
    let isFreed = false
    const wire = await ask(() => {
      async function* events(): AsyncGenerator<Uint8Array> {
        try {
          for (;;) {
            yield Buffer.from('again')
            await turn()
          }
        } finally {
          isFreed = true
        }
      }
      return new kind(events())
    })
    await wire.until('again', 3)
    wire.socket.resetAndDestroy()
    await eventually(() => isFreed)
  })

  test.each(Object.entries(kinds))('%s: a stream of Node is destroyed', async (_, kind) => {
    const stream = new PassThrough()
    const wire = await ask(() => new kind(stream as AsyncIterable<Uint8Array>))
    stream.write('first')
    await wire.until('first')
    wire.socket.resetAndDestroy()
    await eventually(() => errors.length > 0 || server.connections === 0)
    stream.write('second') // what the platform's Response waits for
    await eventually(() => stream.destroyed)
    expect(errors).toEqual([])
  })
})

test.each(Object.entries({ 'the platform’s Response': Response, 'our Response': OurResponse }))(
  '%s: a form whose client leaves',
  async (_, kind) => {
    const form = new FormData()
    for (let i = 0; i < 3_000; i++) form.append('part', new Blob(['x']))
    const wire = await ask(() => new kind(form))
    await wire.until('form-data; name="part"')
    wire.socket.resetAndDestroy()
    await eventually(() => server.connections === 0)
    // The platform goes on writing the form.
    for (let i = 0; i < 300; i++) await new Promise((resolve) => setImmediate(resolve))
    expect(errors).toEqual([])
  },
)

describe('a stream of Node as body', () => {
  const kinds = { 'the platform’s Response': Response, 'our Response': OurResponse }
  test.each(Object.entries(kinds))(
    '%s, HEAD: it is destroyed, also when it cannot be opened',
    async (_, kind) => {
      const opened: ReadStream[] = []
      const wire = await ask((request) => {
        const stream = createReadStream(request.url.endsWith('/a') ? import.meta.filename : '/no/such/file')
        opened.push(stream)
        return new kind(stream)
      }, 'HEAD /a HTTP/1.1\r\nhost: x\r\n')
      await wire.until('200 OK')
      wire.send('HEAD /b HTTP/1.1\r\nhost: x\r\n\r\n')
      await wire.until('200 OK', 2)
      await eventually(() => opened.length === 2 && opened.every(({ closed }) => closed))
      expect(errors).toEqual([])
    },
  )

  test('it is sent once: a second answer with it is an error', async () => {
    const response = new OurResponse(Readable.from([Buffer.from('once')]))
    const wire = await ask(() => response)
    await wire.until('once')
    expect(response.bodyUsed).toBe(true)
    wire.send('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    await wire.until('500 Internal')
    expect(errors).toMatchObject([
      { message: 'the fetch handler returned a response whose body was read before' },
    ])
  })

  test('one that was read before is refused, as the platform does', async () => {
    const stream = Readable.from([Buffer.from('x')])
    await stream.toArray()
    await ask(() => new OurResponse('x'))
    expect(() => new OurResponse(stream)).toThrow(TypeError)
  })

  test('a declared length is the framing', async () => {
    const stream = Readable.from([Buffer.from('four')])
    const wire = await ask(() => new OurResponse(stream, { headers: { 'content-length': '4' } }))
    const received = await wire.until('four')
    expect(received).toContain('content-length: 4\r\n')
    expect(received).not.toContain('transfer-encoding')
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

  test('nor does one that an iterator of their own puts into the platform’s', async () => {
    const entries = {
      *[Symbol.iterator]() {
        yield ['x-a', 'a\r\nevil: 1']
      },
    }
    const changed = Object.assign(new globalThis.Headers({ 'x-b': 'b' }), entries)
    const wire = await ask(() => looksLike(changed))
    await wire.until('x-b: b')
    expect(wire.received).not.toContain('evil')
    await server.close({ deadline: 0 })
    const made = await ask(() =>
      looksLike(Object.assign(Object.create(globalThis.Headers.prototype), entries)),
    )
    await made.until('500 Internal Server Error')
    expect(made.received).not.toContain('evil')
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
