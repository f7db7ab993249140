import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { createServer } from '@hyper/server/node'
import compression from 'compression'
import express, { type NextFunction, type Request, type Response } from 'express'
import multer from 'multer'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fourClients, originOf } from './four-clients.ts'

// An application of Express 5 with what applications have, on our server, asked over HTTP/1.1 and HTTP/2.

let directory: string
let server: ReturnType<typeof createServer>
let origin: string
const clients = fourClients()
const failures: unknown[] = []
const closed: string[] = []
const TEXT = 'line of text\n'.repeat(10_000)

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hyper-express-'))
  await writeFile(join(directory, 'page.html'), '<p>hello</p>')
  await writeFile(join(directory, 'large.txt'), TEXT)
  server = createServer({ onError: (error) => failures.push(error) }, application()).listen(0, '127.0.0.1')
  origin = await originOf(server)
})

afterAll(async () => {
  for (const client of clients) await client.close()
  await new Promise((resolve) => server.close(resolve))
  await rm(directory, { recursive: true })
  expect(failures).toEqual([])
})

function application(): express.Express {
  const app = express()
  const upload = multer({ storage: multer.memoryStorage() })
  app.set('trust proxy', 'loopback')
  app.get('/hello/:name', (req, res) => {
    res.cookie('seen', '1', { httpOnly: true }).cookie('twice', '2')
    res.json({
      name: req.params.name,
      query: req.query,
      ip: req.ip,
      protocol: req.protocol,
      secure: req.secure,
      hostname: req.hostname,
      version: req.httpVersion,
      path: req.path,
      agent: req.get('user-agent') ?? null,
    })
  })
  app.use('/json', express.json({ limit: '10kb' }))
  app.post('/json', (req, res) => void res.json({ got: req.body as unknown }))
  app.post('/form', express.urlencoded({ extended: false }), (req, res) => void res.json(req.body))
  app.post('/raw', express.raw({ type: '*/*', limit: '2mb' }), (req, res) => void res.send(req.body))
  app.post('/upload', upload.single('file'), (req, res) => {
    res.json({
      name: req.file?.originalname,
      size: req.file?.size,
      field: (req.body as { field: string }).field,
    })
  })
  app.use('/files', express.static(directory, { maxAge: '1h' }))
  app.get('/send', (_, res) => res.sendFile(join(directory, 'large.txt')))
  app.get('/download', (_, res) => res.download(join(directory, 'page.html'), 'named.html'))
  app.get('/zipped', compression({ threshold: 0 }), (_, res) => void res.type('text').send(TEXT))
  app.get('/stream', (_, res) => void Readable.from(['one ', 'two ', 'three']).pipe(res))
  app.get('/away', (_, res) => res.redirect(303, '/hello/there?a=1'))
  app.get('/none', (_, res) => void res.sendStatus(204))
  app.get('/throws', () => {
    throw new Error('thrown')
  })
  app.get('/rejects', async () => {
    await sleep(1)
    throw new Error('rejected')
  })
  app.get('/handled', () => {
    throw Object.assign(new Error('short'), { status: 418 })
  })
  app.get('/trailers', (_, res) => {
    res.set('trailer', 'x-sum')
    res.write('body')
    res.addTrailers({ 'x-sum': '42' })
    res.end()
  })
  app.get('/events', (req, res) => {
    res.set({ 'content-type': 'text/event-stream', 'cache-control': 'no-cache' }).flushHeaders()
    let n = 0
    const timer = setInterval(() => {
      res.write(`data: ${n++}\n\n`)
      if (n === 3 && req.query['forever'] === undefined) {
        clearInterval(timer)
        res.end()
      }
    }, 2)
    req.on('close', () => {
      clearInterval(timer)
      closed.push(req.httpVersion)
    })
  })
  app.use((error: Error & { status?: number }, _req: Request, res: Response, next: NextFunction) => {
    if (res.headersSent) next(error)
    else res.status(error.status ?? 500).json({ error: error.message })
  })
  return app
}

describe.each(clients)('Express 5, asked by $name', (client) => {
  const ask = async (path: string, more: object = {}): ReturnType<typeof client.ask> =>
    client.ask(origin, { path, ...more })
  const jsonOf = (body: Buffer): unknown => JSON.parse(String(body))

  test('a route with parameters, a query, cookies, and what is known of the client', async () => {
    const { body, headers, status } = await ask('/hello/world?a=1&b=two', {
      headers: { 'user-agent': 'test' },
    })
    expect(status).toBe(200)
    expect(headers['set-cookie']).toBe('seen=1; Path=/; HttpOnly, twice=2; Path=/')
    expect(headers['content-type']).toBe('application/json; charset=utf-8')
    expect(jsonOf(body)).toEqual({
      name: 'world',
      query: { a: '1', b: 'two' },
      ip: '127.0.0.1',
      protocol: 'http',
      secure: false,
      hostname: '127.0.0.1',
      version: client.version,
      path: '/hello/world',
      agent: 'test',
    })
  })

  test('behind a proxy that is trusted', async () => {
    const { body } = await ask('/hello/x', {
      headers: { 'x-forwarded-for': '192.0.2.7', 'x-forwarded-proto': 'https' },
    })
    expect(jsonOf(body)).toMatchObject({ ip: '192.0.2.7', protocol: 'https', secure: true })
  })

  test('conditional requests: 304', async () => {
    const { headers } = await ask('/files/page.html')
    const again = await ask('/files/page.html', { headers: { 'if-none-match': headers['etag']! } })
    expect([again.status, again.body.length, again.headers['etag']]).toEqual([304, 0, headers['etag']])
  })

  test('bodies: JSON, a form, bytes, an upload of several parts', async () => {
    const json = { 'content-type': 'application/json' }
    const posted = await ask('/json', { method: 'POST', headers: json, body: '{"a":[1,2]}' })
    expect(jsonOf(posted.body)).toEqual({ got: { a: [1, 2] } })
    const broken = await ask('/json', { method: 'POST', headers: json, body: '{"a":' })
    expect(broken.status).toBe(400)
    const large = await ask('/json', { method: 'POST', headers: json, body: `"${'x'.repeat(20_000)}"` })
    expect([large.status, jsonOf(large.body)]).toEqual([413, { error: 'request entity too large' }])
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    expect(jsonOf((await ask('/form', { method: 'POST', headers: form, body: 'a=1&b=x+y' })).body)).toEqual({
      a: '1',
      b: 'x y',
    })
    const bytes = Buffer.alloc(1_000_000, 'abcdefg')
    const raw = await ask('/raw', { method: 'POST', headers: { 'content-type': 'x/y' }, body: bytes })
    expect(raw.body.equals(bytes)).toBe(true)
    const part = (head: string, text: string): string =>
      `--b\r\ncontent-disposition: form-data; ${head}\r\n\r\n${text}\r\n`
    const uploaded = await ask('/upload', {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      body: `${part('name="field"', 'value')}${part('name="file"; filename="a.txt"', TEXT)}--b--\r\n`,
    })
    expect(jsonOf(uploaded.body)).toEqual({ name: 'a.txt', size: TEXT.length, field: 'value' })
  })

  test('static files: whole, a range, a range beyond the end, none', async () => {
    const whole = await ask('/files/large.txt')
    expect([whole.status, whole.headers['cache-control'], String(whole.body) === TEXT]).toEqual([
      200,
      'public, max-age=3600',
      true,
    ])
    const range = await ask('/files/large.txt', { headers: { range: 'bytes=5-11' } })
    expect([range.status, String(range.body), range.headers['content-range']]).toEqual([
      206,
      'of text',
      `bytes 5-11/${TEXT.length}`,
    ])
    expect((await ask('/files/large.txt', { headers: { range: 'bytes=999999999-' } })).status).toBe(416)
    expect((await ask('/files/nowhere')).status).toBe(404)
    const head = await ask('/files/large.txt', { method: 'HEAD' })
    expect([head.status, head.headers['content-length'], head.body.length]).toEqual([
      200,
      String(TEXT.length),
      0,
    ])
  })

  test('sendFile, download', async () => {
    expect(String((await ask('/send')).body) === TEXT).toBe(true)
    const { body, headers } = await ask('/download')
    expect([String(body), headers['content-disposition']]).toEqual([
      '<p>hello</p>',
      'attachment; filename=named.html',
    ])
  })

  test('compression', async () => {
    const { body, headers } = await ask('/zipped', { headers: { 'accept-encoding': 'gzip' } })
    expect([headers['content-encoding'], headers['vary'], String(gunzipSync(body)) === TEXT]).toEqual([
      'gzip',
      'Accept-Encoding',
      true,
    ])
  })

  test('a stream, a redirect, 204', async () => {
    expect(String((await ask('/stream')).body)).toBe('one two three')
    const away = await ask('/away')
    expect([away.status, away.headers['location']]).toEqual([303, '/hello/there?a=1'])
    expect((await ask('/none')).status).toBe(204)
  })

  test('errors: thrown, rejected, with a status of their own, and nothing at that path', async () => {
    const results = []
    for (const path of ['/throws', '/rejects', '/handled', '/nowhere']) {
      const { body, status } = await ask(path)
      results.push([status, status === 404 ? 'page' : jsonOf(body)])
    }
    expect(results).toEqual([
      [500, { error: 'thrown' }],
      [500, { error: 'rejected' }],
      [418, { error: 'short' }],
      [404, 'page'],
    ])
  })

  test('trailers', async () => {
    const { body, trailers } = await ask('/trailers')
    expect([String(body), trailers]).toEqual(['body', { 'x-sum': '42' }])
  })

  test('server-sent events', async () => {
    const before = closed.length
    expect(String((await ask('/events')).body)).toBe('data: 0\n\ndata: 1\n\ndata: 2\n\n')
    await expect.poll(() => closed.slice(before)).toEqual([client.version])
  })
})
