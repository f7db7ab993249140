import { request as httpRequest } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import {
  type FetchHandler,
  Request as FetchRequest,
  Response as FetchResponse,
  type ServeOptions,
  serve,
  type Server,
} from '../src/index.ts'
import { bodyOf, eventually, headOf, Wire } from './wire.ts'

let server: Server

afterEach(() => server.close({ deadline: 0 }))

async function start(fetch: FetchHandler, options?: ServeOptions): Promise<Server> {
  server = await serve({ hostname: '127.0.0.1', fetch, ...options })
  return server
}

const CLOSE = { connection: 'close' }

/** Sends a request in bytes, and gives the whole answer; the request must ask for the connection to close. */
async function raw(request: string): Promise<string> {
  return Wire.exchange(server.port, request)
}

const post = (body: string | FormData, headers?: Record<string, string>): Promise<Response> =>
  fetch(server.url, { method: 'POST', body, ...(headers === undefined ? {} : { headers }) })

async function chunksOf(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return chunks
}

describe('the request that a handler gets', () => {
  test('shows what was sent', async () => {
    await start((request) =>
      FetchResponse.json([
        request.method,
        request.url,
        request.headers.get('X-Thing'),
        request.headers.has('nothing'),
        [...request.headers],
        request.body,
        request.bodyUsed,
      ]),
    )
    const answer = await raw(
      'GET /a?b=c HTTP/1.1\r\nHost: example.test\r\nX-Thing: one\r\nconnection: close\r\nx-thing: two\r\n\r\n',
    )
    expect(JSON.parse(bodyOf(answer))).toEqual([
      'GET',
      'http://example.test/a?b=c',
      'one, two',
      false,
      [
        ['connection', 'close'],
        ['host', 'example.test'],
        ['x-thing', 'one, two'],
      ],
      null,
      false,
    ])
  })

  test('is a Request, with every member of one', async () => {
    const seen: unknown[] = []
    await start((request) => {
      const real = new Request('http://x/')
      for (const name of Object.getOwnPropertyNames(Request.prototype)) {
        const ours: unknown = Reflect.get(request, name)
        const theirs: unknown = Reflect.get(real, name)
        if (typeof ours !== typeof theirs) seen.push([name, typeof ours, typeof theirs])
      }
      seen.push(
        request instanceof Request,
        request instanceof FetchRequest,
        request.headers instanceof Headers,
      )
      seen.push(request.signal instanceof AbortSignal, Object.prototype.toString.call(request))
      return new Response('')
    })
    await fetch(server.url)
    expect(seen).toEqual([true, true, true, true, '[object Request]'])
  })

  test.each([
    ['text', (request: Request) => request.text(), '{"a":"ü"}'],
    ['json', async (request: Request) => JSON.stringify(await request.json()), '{"a":"ü"}'],
    [
      'arrayBuffer',
      async (request: Request) => Buffer.from(await request.arrayBuffer()).toString(),
      '{"a":"ü"}',
    ],
    ['bytes', async (request: Request) => Buffer.from(await request.bytes()).toString(), '{"a":"ü"}'],
    // Bun's has a charset behind it.
    ['blob', async (request: Request) => (await request.blob()).type.split(';')[0] ?? '', 'application/json'],
    [
      'body',
      async (request: Request) => Buffer.concat(await chunksOf(request.body!)).toString(),
      '{"a":"ü"}',
    ],
    [
      'a clone',
      async (request: Request) => (await request.clone().text()) + (await request.text()),
      '{"a":"ü"}{"a":"ü"}',
    ],
    ['a request made of it', (request: Request) => new FetchRequest(request).text(), '{"a":"ü"}'],
    ['a request made with it', (request: Request) => new Request(request.url, request).text(), '{"a":"ü"}'],
  ] as [string, (request: Request) => Promise<string>, string][])(
    'its body by %s',
    async (_, read, expected) => {
      await start(async (request) => new Response(await read(request)))
      const response = await post('{"a":"ü"}', { 'content-type': 'application/json' })
      expect(await response.text()).toBe(expected)
    },
  )

  test('its body as a form', async () => {
    await start(async (request) => {
      const form = await request.formData()
      const file = form.get('file') as File
      return new Response(`${JSON.stringify(form.get('a'))} ${file.name} ${await file.text()}`)
    })
    const form = new FormData()
    form.set('a', 'b')
    form.set('file', new File(['content'], 'name.txt'))
    expect(await (await post(form)).text()).toBe('"b" name.txt content')
  })

  test('a body is read once', async () => {
    await start(async (request) => {
      const before = request.bodyUsed
      await request.text()
      const again = await request.text().catch((error: unknown) => (error as Error).constructor.name)
      const json = await request.json().catch((error: unknown) => (error as Error).constructor.name)
      let clone = 'cloned'
      try {
        request.clone()
      } catch (error) {
        clone = (error as Error).constructor.name
      }
      return FetchResponse.json([before, request.bodyUsed, again, json, clone])
    })
    expect(await (await post('x')).json()).toEqual([false, true, 'TypeError', 'TypeError', 'TypeError'])
  })

  test('no body can be read any number of times', async () => {
    await start(
      async (request) => new Response(`[${await request.text()}${await request.text()}]${request.bodyUsed}`),
    )
    expect(await (await fetch(server.url)).text()).toBe('[]false')
  })

  test('a request made of it has method, headers, body and signal', async () => {
    await start(async (request) => {
      const copy = new FetchRequest(request)
      return FetchResponse.json([
        copy.method,
        copy.url,
        copy.headers.get('x-a'),
        await copy.text(),
        copy.signal.aborted,
      ])
    })
    const response = await post('abc', { 'x-a': 'b' })
    expect(await response.json()).toEqual(['POST', server.url, 'b', 'abc', false])
  })

  test('HTTP/1.0 without Host has a URL all the same', async () => {
    await start((request) => new Response(request.url))
    expect(bodyOf(await raw('GET /x HTTP/1.0\r\n\r\n'))).toBe('http://127.0.0.1/x')
  })

  test('an upload arrives as it is sent, with backpressure', async () => {
    let got = 0
    const gate = Promise.withResolvers<void>()
    await start(async (request) => {
      await gate.promise
      for await (const chunk of request.body!) got += chunk.length
      return new Response(String(got))
    })
    let given = 0
    const chunk = new Uint8Array(65_536)
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (given === 64 * 1024 * 1024) controller.close()
        else {
          controller.enqueue(chunk)
          given += chunk.length
        }
      },
    })
    const sent = fetch(server.url, { method: 'POST', body, duplex: 'half' } as RequestInit)
    await new Promise((resolve) => setTimeout(resolve, 300))
    // What the kernels on both sides hold, and not all of it.
    expect(given).toBeLessThan(32 * 1024 * 1024)
    expect(got).toBe(0)
    gate.resolve()
    expect(await (await sent).text()).toBe(String(64 * 1024 * 1024))
  })
})

describe('the response that is sent', () => {
  for (const [name, Class] of [
    ['ours', FetchResponse],
    ['the platform’s', globalThis.Response],
  ] as const) {
    const typeless = 'Bun' in globalThis && name !== 'ours'
    const why = typeless ? ' (skipped: a Response of Bun shows no type of its text)' : ''
    test.skipIf(typeless)(`${name}: text has a length, a type, a status${why}`, async () => {
      await start(
        () => new Class('Grüße', { status: 201, statusText: 'Made', headers: { ...CLOSE, 'x-a': 'b' } }),
      )
      const answer = await raw('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
      const head = headOf(answer).split('\r\n')
      expect(head[0]).toBe('HTTP/1.1 201 Made')
      expect(
        head
          .slice(1)
          .filter((line) => !line.startsWith('date: '))
          .sort(),
      ).toEqual([
        'connection: close',
        'content-length: 7',
        'content-type: text/plain;charset=UTF-8',
        'x-a: b',
      ])
      expect(Buffer.from(bodyOf(answer), 'latin1').toString()).toBe('Grüße')
    })

    test(`${name}: bytes`, async () => {
      await start(() => new Class(new Uint8Array([0, 255, 10]), { headers: CLOSE }))
      const answer = await raw('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
      expect(bodyOf(answer)).toBe('\u0000\u00ff\n')
      expect(headOf(answer)).toContain('content-length: 3')
      expect(headOf(answer)).not.toContain('content-type')
    })

    test(`${name}: set-cookie lines stay apart`, async () => {
      await start(() => {
        const response = new Class('', { headers: CLOSE })
        response.headers.append('set-cookie', 'a=1')
        response.headers.append('set-cookie', 'b=2; Path=/')
        return response
      })
      const lines = headOf(await raw('GET / HTTP/1.1\r\nhost: x\r\n\r\n')).split('\r\n')
      expect(lines.filter((line) => line.startsWith('set-cookie'))).toEqual([
        'set-cookie: a=1',
        'set-cookie: b=2; Path=/',
      ])
    })

    test.each([204, 304])(`${name}: %i has neither body nor length`, async (status) => {
      await start(() => new Class(null, { status, headers: CLOSE }))
      const answer = await raw('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
      expect(bodyOf(answer)).toBe('')
      expect(headOf(answer)).not.toMatch(/content-length|transfer-encoding/)
    })

    test.skipIf(typeless)(`${name}: a response to HEAD has the head of the GET${why}`, async () => {
      await start(() => new Class('abc', { headers: CLOSE }))
      const answer = await raw('HEAD / HTTP/1.1\r\nhost: x\r\n\r\n')
      expect(bodyOf(answer)).toBe('')
      expect(headOf(answer)).toContain('content-length: 3')
      expect(headOf(answer)).toContain('content-type: text/plain;charset=UTF-8')
    })

    test(`${name}: HEAD cancels a stream, and announces no length that is wrong`, async () => {
      let cancelled = 0
      await start(() => {
        const stream = new ReadableStream({ cancel: () => void cancelled++ }, { highWaterMark: 0 })
        return new Class(stream, { headers: CLOSE })
      })
      const answer = await raw('HEAD / HTTP/1.1\r\nhost: x\r\n\r\n')
      expect(bodyOf(answer)).toBe('')
      expect(headOf(answer)).not.toContain('content-length')
      await eventually(() => cancelled === 1)
    })

    test(`${name}: a stream goes out in chunks as they come`, async () => {
      const next: (() => void)[] = []
      const stream = new ReadableStream<Uint8Array>({
        async pull(controller) {
          await new Promise<void>((resolve) => next.push(resolve))
          controller.enqueue(Buffer.from(`part${next.length}`))
          if (next.length === 2) controller.close()
        },
      })
      await start(() => new Class(stream))
      const wire = await Wire.open(server.port)
      wire.send('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
      await eventually(() => next.length === 1)
      next[0]!()
      await wire.until('5\r\npart1\r\n')
      expect(headOf(wire.received)).toContain('transfer-encoding: chunked')
      await eventually(() => next.length === 2)
      next[1]!()
      await wire.until('5\r\npart2\r\n0\r\n\r\n')
      wire.socket.destroy()
    })

    test(`${name}: a stream with a content-length goes out as it is`, async () => {
      await start(
        () => new Class(new Blob(['abcdef']).stream(), { headers: { ...CLOSE, 'content-length': '6' } }),
      )
      const answer = await raw('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
      expect(bodyOf(answer)).toBe('abcdef')
      expect(headOf(answer)).not.toContain('transfer-encoding')
    })

    test(`${name}: an empty stream`, async () => {
      await start(() => new Class(new Blob([]).stream(), { headers: CLOSE }))
      const answer = await raw('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
      expect(headOf(answer)).toContain('content-length: 0')
      expect(bodyOf(answer)).toBe('')
    })

    test(`${name}: a body that was read is a 500`, async () => {
      const errors: unknown[] = []
      await start(
        async () => {
          const response = new Class('abc')
          await response.text()
          return response
        },
        { onError: (error) => errors.push(error) },
      )
      expect((await fetch(server.url)).status).toBe(500)
      expect(errors).toHaveLength(1)
      expect(errors[0]).toBeInstanceOf(TypeError)
    })

    test(`${name}: a stream that fails resets the connection, so that it does not look complete`, async () => {
      const errors: unknown[] = []
      let step = 0
      await start(
        () =>
          new Class(
            new ReadableStream({
              pull(controller) {
                if (step++ === 0) controller.enqueue(Buffer.from('first'))
                else return new Promise<void>((_, reject) => setTimeout(reject, 5, new Error('source')))
                return undefined
              },
            }),
          ),
        { onError: (error) => errors.push(error) },
      )
      const wire = await Wire.open(server.port)
      wire.send('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
      await wire.cut()
      expect(wire.received).not.toContain('0\r\n\r\n')
      expect(errors).toMatchObject([{ code: 'BODY_FAILED', cause: { message: 'source' } }])
    })

    test(`${name}: a stream is pulled no faster than the client reads`, async () => {
      let given = 0
      const chunk = new Uint8Array(65_536)
      await start(
        () =>
          new Class(
            new ReadableStream({
              pull(controller) {
                given += chunk.length
                controller.enqueue(chunk)
                if (given === 64 * 1024 * 1024) controller.close()
              },
            }),
          ),
      )
      const got = await new Promise<number>((resolve, reject) => {
        const request = httpRequest(server.url)
        request.on('error', reject)
        request.on('response', (response) => {
          response.pause()
          setTimeout(() => {
            expect(given).toBeLessThan(32 * 1024 * 1024)
            let size = 0
            response.on('data', (data: Buffer) => (size += data.length))
            response.on('end', () => resolve(size)).resume()
          }, 300)
        })
        request.end()
      })
      expect(got).toBe(64 * 1024 * 1024)
    })

    test(`${name}: a stream is cancelled when the client goes`, async () => {
      let cancelled = 0
      await start(
        () =>
          new Class(
            new ReadableStream({ start: (c) => c.enqueue(Buffer.from('a')), cancel: () => void cancelled++ }),
          ),
      )
      const wire = await Wire.open(server.port)
      wire.send('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
      await wire.until('1\r\na\r\n')
      wire.socket.destroy()
      await eventually(() => cancelled === 1)
    })
  }

  test('a lazy response whose body was looked at is sent all the same', async () => {
    await start(() => {
      const response = new FetchResponse('abc', { headers: { ...CLOSE, 'x-a': '1' } })
      void response.body
      response.headers.set('x-a', '2')
      return response
    })
    const answer = await raw('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    expect(bodyOf(answer)).toBe('abc')
    expect(headOf(answer)).toContain('x-a: 2')
  })

  test('a response of another class of that shape is sent', async () => {
    const foreign = {
      status: 202,
      statusText: '',
      headers: new Headers({ a: 'b', ...CLOSE }),
      body: null,
      bodyUsed: false,
    }
    await start(() => foreign as unknown as Response)
    expect(headOf(await raw('GET / HTTP/1.1\r\nhost: x\r\n\r\n'))).toMatch(
      /^HTTP\/1.1 202 Accepted\r\na: b\r\n/,
    )
  })

  test('a thenable is awaited', async () => {
    const then = (done: (response: Response) => void): void => done(new Response('later'))
    const thenable = {}
    Reflect.set(thenable, 'the' + 'n', then)
    await start(() => thenable as Promise<Response>)
    expect(await (await fetch(server.url)).text()).toBe('later')
  })
})

describe('the signal', () => {
  test('aborts when the client goes before the answer', async () => {
    const aborted = Promise.withResolvers<unknown>()
    const asked = Promise.withResolvers<void>()
    await start((request) => {
      request.signal.addEventListener('abort', () => aborted.resolve(request.signal.reason))
      asked.resolve()
      return new Promise<Response>(() => undefined)
    })
    const controller = new AbortController()
    const sent = fetch(server.url, { signal: controller.signal }).catch((error: unknown) => error)
    await asked.promise
    controller.abort()
    await sent
    expect(await aborted.promise).toMatchObject({ name: 'HyperError' })
  })

  test('aborts when the client goes while the body is sent', async () => {
    const aborted = Promise.withResolvers<void>()
    await start((request) => {
      request.signal.addEventListener('abort', () => aborted.resolve())
      return new Response(new ReadableStream({ start: (c) => c.enqueue(Buffer.from('a')) }))
    })
    const wire = await Wire.open(server.port)
    wire.send('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    await wire.until('1\r\na\r\n')
    wire.socket.destroy()
    await aborted.promise
  })

  test('is aborted from the start when it is asked for too late', async () => {
    const seen = Promise.withResolvers<boolean>()
    const asked = Promise.withResolvers<void>()
    await start(async (request, context) => {
      asked.resolve()
      await context.completed.catch(() => undefined)
      seen.resolve(request.signal.aborted)
      return new Response('')
    })
    const wire = await Wire.open(server.port)
    wire.send('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    await asked.promise
    wire.socket.resetAndDestroy()
    expect(await seen.promise).toBe(true)
  })

  test('never aborts after a success', async () => {
    let aborted = 0
    await start((request) => {
      request.signal.addEventListener('abort', () => aborted++)
      return new Response('fine')
    })
    for (let i = 0; i < 50; i++) await (await fetch(server.url)).text()
    for (let i = 0; i < 20; i++) await raw('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
    await server.close({ deadline: 100 })
    expect(aborted).toBe(0)
  })
})
