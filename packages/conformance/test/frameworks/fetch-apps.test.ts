import { gunzipSync } from 'node:zlib'
import { Client } from '@hyper/client'
import { type FetchHandler, type FetchObject, serve, type Server } from '@hyper/server'
import { HTTPError, H3, readBody, redirect as redirectH3, setCookie as setCookieH3 } from 'h3'
import { Hono } from 'hono'
import { basicAuth } from 'hono/basic-auth'
import { bodyLimit } from 'hono/body-limit'
import { compress } from 'hono/compress'
import { setCookie } from 'hono/cookie'
import { cors } from 'hono/cors'
import { etag } from 'hono/etag'
import { HTTPException } from 'hono/http-exception'
import { stream, streamSSE, streamText } from 'hono/streaming'
import { afterEach, describe, expect, test, vi } from 'vitest'

// Applications of frameworks that are written to the Fetch standard, as `serve({ fetch: app })` runs them. The same
// application answers over HTTP/1.1 and HTTP/2, to our own client and, over HTTP/1.1, to Node's.

type App = FetchHandler | FetchObject

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

interface Running {
  readonly server: Server
  readonly client: Client
  readonly errors: unknown[]
  url(path: string): string
}

async function run(app: App, protocol: 'h1' | 'h2' = 'h1'): Promise<Running> {
  const errors: unknown[] = []
  const server = await serve({ hostname: '127.0.0.1', fetch: app, onError: (error) => errors.push(error) })
  const client = new Client(protocol === 'h2' ? { http1: false } : { http2: false })
  cleanups.push(async () => {
    client.abort()
    await server.close({ deadline: 0 })
  })
  return { server, client, errors, url: (path) => `http://127.0.0.1:${server.port}${path}` }
}

const BLOB = Uint8Array.from({ length: 300_000 }, (_, at) => (at * 7) & 0xff)

function honoApp(): Hono {
  const app = new Hono()
  app.get('/', (c) => c.text('Hello Hono!'))
  app.get('/items/:id', (c) => c.json({ id: c.req.param('id'), q: c.req.queries('q') ?? [] }))
  app.post('/json', async (c) => c.json({ got: await c.req.json() }, 201, { 'x-made': 'yes' }))
  app.post('/form', async (c) => {
    const { name, file } = await c.req.parseBody()
    return c.json({ name, file: file instanceof File ? [file.name, file.type, await file.text()] : null })
  })
  app.post('/echo', (c) => c.newResponse(c.req.raw.body, 200, { 'content-type': 'application/x-echo' }))
  app.post('/small', bodyLimit({ maxSize: 10, onError: (c) => c.text('too large', 413) }), async (c) =>
    c.text(await c.req.text()),
  )
  app.get('/blob', (c) => c.body(BLOB))
  app.get('/cookies', (c) => {
    setCookie(c, 'one', '1', { httpOnly: true })
    setCookie(c, 'two', '2', { path: '/x' })
    return c.body(null, 204)
  })
  app.get('/redirect', (c) => c.redirect('/items/9', 303))
  app.use('/private/*', basicAuth({ username: 'me', password: 'secret' }))
  app.get('/private/thing', (c) => c.text('inside'))
  app.use('/cors/*', cors({ origin: 'https://example.org', allowMethods: ['PUT'] }))
  app.get('/cors/thing', (c) => c.text('shared'))
  app.get('/etag', etag(), (c) => c.text('the same'))
  app.get('/gzip', compress(), (c) => c.text('compress me '.repeat(1_000)))
  app.get('/text-stream', (c) =>
    streamText(c, async (out) => {
      for (const word of ['a', 'b', 'c']) await out.write(word)
    }),
  )
  app.get('/sse', (c) =>
    streamSSE(c, async (out) => {
      for (const id of ['1', '2']) await out.writeSSE({ id, event: 'tick', data: `n${id}` })
    }),
  )
  app.get('/broken-stream', (c) =>
    stream(c, async (out) => {
      await out.write('half')
      throw new Error('the source has failed')
    }),
  )
  app.get('/throws', () => {
    throw new Error('a bug')
  })
  app.get('/teapot', () => {
    throw new HTTPException(418, { message: 'short and stout' })
  })
  app.notFound((c) => c.text('nothing here', 404))
  return app
}

describe.each(['h1', 'h2'] as const)('Hono, %s', (protocol) => {
  test('routes, parameters, JSON, not found, HEAD', async () => {
    const { client, url } = await run(honoApp(), protocol)
    const hello = await client.get(url('/'))
    expect([hello.status, hello.headers.get('content-type'), await hello.text()]).toEqual([
      200,
      'text/plain;charset=UTF-8',
      'Hello Hono!',
    ])
    expect(await (await client.get(url('/items/a%20b?q=1&q=2'))).json()).toEqual({ id: 'a b', q: ['1', '2'] })
    const made = await client.post(url('/json'), { json: { deep: [1, { two: 2 }] } })
    expect([made.status, made.headers.get('x-made'), await made.json()]).toEqual([
      201,
      'yes',
      { got: { deep: [1, { two: 2 }] } },
    ])
    const missing = await client.get(url('/missing'))
    expect([missing.status, await missing.text()]).toEqual([404, 'nothing here'])
    const head = await client.head(url('/'))
    expect([head.status, await head.text()]).toEqual([200, ''])
  })

  test('forms with files, bytes, streams both ways', async () => {
    const { client, url } = await run(honoApp(), protocol)
    const form = new FormData()
    form.set('name', 'Ünï')
    form.set('file', new File(['content'], 'a.txt', { type: 'text/plain' }))
    const answer = await client.post(url('/form'), { body: form })
    expect(await answer.json()).toEqual({ name: 'Ünï', file: ['a.txt', 'text/plain', 'content'] })
    expect(Buffer.from(await (await client.get(url('/blob'))).bytes()).equals(BLOB)).toBe(true)
    const echo = await client.post(url('/echo'), { body: BLOB })
    expect(echo.headers.get('content-type')).toBe('application/x-echo')
    expect(Buffer.from(await echo.bytes()).equals(BLOB)).toBe(true)
    expect(await (await client.get(url('/text-stream'))).text()).toBe('abc')
    const events = await client.get(url('/sse'))
    expect(events.headers.get('content-type')).toBe('text/event-stream')
    expect(await events.text()).toBe('event: tick\ndata: n1\nid: 1\n\nevent: tick\ndata: n2\nid: 2\n\n')
  })

  test('middleware: cookies, redirect, credentials, CORS, ETag, compression, limits', async () => {
    const { client, url } = await run(honoApp(), protocol)
    const cookies = await client.get(url('/cookies'))
    expect(cookies.status).toBe(204)
    expect(cookies.headers.getSetCookie()).toEqual(['one=1; Path=/; HttpOnly', 'two=2; Path=/x'])
    expect(await (await client.get(url('/redirect'))).json()).toEqual({ id: '9', q: [] })
    const refused = await client.get(url('/private/thing'))
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
      401,
      'Basic realm="Secure Area"',
    ])
    const basic = `Basic ${Buffer.from('me:secret').toString('base64')}`
    const inside = await client.get(url('/private/thing'), { headers: { authorization: basic } })
    expect(await inside.text()).toBe('inside')
    const preflight = await client.request(url('/cors/thing'), {
      method: 'OPTIONS',
      headers: { origin: 'https://example.org', 'access-control-request-method': 'PUT' },
    })
    expect([preflight.status, preflight.headers.get('access-control-allow-methods')]).toEqual([204, 'PUT'])
    const tagged = await client.get(url('/etag'))
    const tag = tagged.headers.get('etag') ?? ''
    const again = await client.get(url('/etag'), { headers: { 'if-none-match': tag } })
    expect([tag.length > 10, again.status, await again.text()]).toEqual([true, 304, ''])
    const plain = new Client({
      http1: protocol === 'h1' ? {} : false,
      http2: protocol === 'h2',
      decompress: false,
    })
    const coded = await plain.get(url('/gzip'), { headers: { 'accept-encoding': 'gzip' } })
    expect(coded.headers.get('content-encoding')).toBe('gzip')
    expect(gunzipSync(await coded.bytes()).toString()).toBe('compress me '.repeat(1_000))
    await plain.close()
    expect(await (await client.post(url('/small'), { body: '0123456789' })).text()).toBe('0123456789')
    const tooLarge = await client.post(url('/small'), { body: '0123456789x' })
    expect([tooLarge.status, await tooLarge.text()]).toEqual([413, 'too large'])
  })

  test('what a handler throws is answered, and the server goes on', async () => {
    // Hono writes what is thrown there, and answers by itself.
    const written = vi.spyOn(console, 'error').mockReturnValue(undefined)
    const { client, errors, url } = await run(honoApp(), protocol)
    const broken = await client.get(url('/throws'))
    expect([broken.status, await broken.text()]).toEqual([500, 'Internal Server Error'])
    const teapot = await client.get(url('/teapot'))
    expect([teapot.status, await teapot.text()]).toEqual([418, 'short and stout'])
    // It also ends the stream as if it were complete.
    expect(await (await client.get(url('/broken-stream'))).text()).toBe('half')
    expect(await (await client.get(url('/'))).text()).toBe('Hello Hono!')
    expect(errors).toEqual([])
    expect(written.mock.calls.map(([error]: unknown[]) => String(error))).toEqual([
      'Error: a bug',
      'Error: the source has failed',
    ])
    written.mockRestore()
  })
})

function h3App(): H3 {
  const app = new H3()
  app.get('/', () => 'Hello h3!')
  app.get('/items/:id', (event) => ({ id: event.context.params?.['id'], url: event.url.pathname }))
  app.post('/json', async (event) => {
    event.res.status = 201
    event.res.headers.set('x-made', 'yes')
    return { got: await readBody(event) }
  })
  app.get('/cookies', (event) => {
    setCookieH3(event, 'one', '1')
    setCookieH3(event, 'two', '2')
    return ''
  })
  app.get('/redirect', () => redirectH3('/items/9', 303))
  app.get('/response', () => new Response(BLOB, { headers: { 'content-type': 'application/x-blob' } }))
  app.get(
    '/stream',
    () =>
      new ReadableStream({
        start(controller) {
          for (const word of ['a', 'b', 'c']) controller.enqueue(new TextEncoder().encode(word))
          controller.close()
        },
      }),
  )
  app.get('/fault', () => {
    throw new HTTPError({ status: 409, message: 'not now' })
  })
  app.use('/with/**', async (event, next) => {
    event.res.headers.set('x-before', '1')
    return next()
  })
  app.get('/with/middleware', () => ({ fine: true }))
  app.mount(
    '/mounted',
    new H3().get('/inner', () => 'from inside'),
  )
  return app
}

describe.each(['h1', 'h2'] as const)('h3, %s', (protocol) => {
  test('routes, JSON, cookies, redirects, streams, responses, errors, middleware, mounted applications', async () => {
    const { client, url } = await run(h3App(), protocol)
    expect(await (await client.get(url('/'))).text()).toBe('Hello h3!')
    expect(await (await client.get(url('/items/7?x=y'))).json()).toEqual({ id: '7', url: '/items/7' })
    const made = await client.post(url('/json'), { json: [1, 2] })
    expect([made.status, made.headers.get('x-made'), await made.json()]).toEqual([
      201,
      'yes',
      { got: [1, 2] },
    ])
    const cookies = await client.get(url('/cookies'))
    expect(cookies.headers.getSetCookie()).toEqual(['one=1; Path=/', 'two=2; Path=/'])
    expect(await (await client.get(url('/redirect'))).json()).toEqual({ id: '9', url: '/items/9' })
    const blob = await client.get(url('/response'))
    expect(blob.headers.get('content-type')).toBe('application/x-blob')
    expect(Buffer.from(await blob.bytes()).equals(BLOB)).toBe(true)
    expect(await (await client.get(url('/stream'))).text()).toBe('abc')
    const fault = await client.get(url('/fault'))
    expect([fault.status, await fault.json()]).toMatchObject([409, { message: 'not now' }])
    const middle = await client.get(url('/with/middleware'))
    expect([middle.headers.get('x-before'), await middle.json()]).toEqual(['1', { fine: true }])
    expect(await (await client.get(url('/mounted/inner'))).text()).toBe('from inside')
    expect((await client.get(url('/missing'))).status).toBe(404)
  })
})

test("Node's own fetch as the client of both", async () => {
  for (const [app, text] of [
    [honoApp(), 'Hello Hono!'],
    [h3App(), 'Hello h3!'],
  ] as const) {
    const { url } = await run(app)
    const answer = await fetch(url('/'))
    expect([answer.status, await answer.text()]).toEqual([200, text])
    expect((await fetch(url('/json'), { method: 'POST', body: '{"a":1}' })).status).toBe(201)
  }
})
