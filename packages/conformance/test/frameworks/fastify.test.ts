import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { createServer } from '@hyper/server/node'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fourClients } from './four-clients.ts'

// An application of Fastify 5 through its `serverFactory`, on our server, asked over HTTP/1.1 and HTTP/2.

let app: FastifyInstance
let origin: string
const clients = fourClients()
const failures: unknown[] = []
const calls: string[] = []

beforeAll(async () => {
  app = application()
  origin = await app.listen({ port: 0, host: '127.0.0.1' })
})

afterAll(async () => {
  for (const client of clients) await client.close()
  await app.close()
  expect(app.server.listening).toBe(false)
  expect(failures).toEqual([])
})

function application(): FastifyInstance {
  const fastify = Fastify({
    serverFactory: (handler) =>
      createServer({ onError: (error) => failures.push(error) }, (req, res) => handler(req, res)),
    bodyLimit: 100_000,
    trustProxy: false,
  })
  for (const hook of ['onRequest', 'preHandler', 'onResponse'] as const)
    fastify.addHook(hook, (_request: unknown, _reply: unknown, done: () => void) => {
      calls.push(hook)
      done()
    })
  fastify.addHook('onSend', async (_, reply, payload) => {
    reply.header('x-sent', 'yes')
    return payload
  })
  fastify.get('/hello/:name', (request) => ({
    name: (request.params as { name: string }).name,
    query: request.query,
    ip: request.ip,
    protocol: request.protocol,
    host: request.host,
    version: request.raw.httpVersion,
  }))
  fastify.post(
    '/checked',
    {
      schema: {
        body: { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } },
        response: { 200: { type: 'object', properties: { twice: { type: 'integer' } } } },
      },
    },
    (request) => ({ twice: (request.body as { n: number }).n * 2, hidden: true }),
  )
  fastify.get('/stream', (_, reply) =>
    reply.type('text/plain').send(Readable.from(['one ', 'two ', 'three'])),
  )
  fastify.get('/buffer', (_, reply) => reply.send(Buffer.alloc(100_000, 'x')))
  fastify.get('/late', async () => {
    await sleep(2)
    return 'late'
  })
  fastify.get('/raw', (_, reply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'content-type': 'text/plain' })
    reply.raw.end('raw')
  })
  fastify.get('/throws', () => {
    throw Object.assign(new Error('thrown'), { statusCode: 422 })
  })
  fastify.get('/rejects', async () => {
    await sleep(1)
    throw new Error('rejected')
  })
  fastify.get('/trailers', (_, reply) => {
    reply.trailer('x-sum', () => Promise.resolve('42'))
    return reply.send('body')
  })
  fastify.get('/away', (_, reply) => reply.redirect('/hello/there', 307))
  fastify.get('/none', (_, reply) => reply.code(204).send())
  fastify.post('/echo', (request, reply) => reply.send(request.body))
  fastify.addContentTypeParser('x/stream', (_request, payload, done) => done(null, payload))
  fastify.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) =>
    reply.code(error.statusCode ?? 500).send({ failed: error.message }),
  )
  return fastify
}

describe.each(clients)('Fastify 5, asked by $name', (client) => {
  const ask = async (path: string, more: object = {}): ReturnType<typeof client.ask> =>
    client.ask(origin, { path, ...more })
  const jsonOf = (body: Buffer): unknown => JSON.parse(String(body))

  test('a route with parameters, a query, hooks', async () => {
    calls.length = 0
    const { body, headers, status } = await ask('/hello/world?a=1')
    expect([status, headers['x-sent'], headers['content-type']]).toEqual([
      200,
      'yes',
      'application/json; charset=utf-8',
    ])
    expect(jsonOf(body)).toEqual({
      name: 'world',
      query: { a: '1' },
      ip: '127.0.0.1',
      protocol: 'http',
      host: origin.slice('http://'.length),
      version: client.version,
    })
    await expect.poll(() => calls).toEqual(['onRequest', 'preHandler', 'onResponse'])
  })

  test('schemas of both bodies', async () => {
    const post = { method: 'POST', headers: { 'content-type': 'application/json' } }
    expect(jsonOf((await ask('/checked', { ...post, body: '{"n":21}' })).body)).toEqual({ twice: 42 })
    const wrong = await ask('/checked', { ...post, body: '{"n":"x"}' })
    expect([wrong.status, jsonOf(wrong.body)]).toEqual([400, { failed: 'body/n must be integer' }])
    const large = await ask('/checked', { ...post, body: `{"n":1,"more":"${'x'.repeat(200_000)}"}` })
    expect([large.status, jsonOf(large.body)]).toEqual([413, { failed: 'Request body is too large' }])
  })

  test('answers: a stream, bytes, a promise, by hand, a redirect, nothing', async () => {
    expect(String((await ask('/stream')).body)).toBe('one two three')
    expect((await ask('/buffer')).body.length).toBe(100_000)
    expect(String((await ask('/late')).body)).toBe('late')
    expect(String((await ask('/raw')).body)).toBe('raw')
    const away = await ask('/away')
    expect([away.status, away.headers['location']]).toEqual([307, '/hello/there'])
    expect((await ask('/none')).status).toBe(204)
    const head = await ask('/buffer', { method: 'HEAD' })
    expect([head.status, head.body.length]).toEqual([200, 0])
  })

  test('a body that is passed on as a stream', async () => {
    const bytes = Buffer.alloc(300_000, 'abc')
    const echoed = await ask('/echo', {
      method: 'POST',
      headers: { 'content-type': 'x/stream', 'content-length': String(bytes.length) },
      body: bytes,
    })
    expect(echoed.status === 200 && echoed.body.equals(bytes)).toBe(true)
  })

  test('errors, and nothing at that path', async () => {
    const thrown = await ask('/throws')
    expect([thrown.status, jsonOf(thrown.body)]).toEqual([422, { failed: 'thrown' }])
    const rejected = await ask('/rejects')
    expect([rejected.status, jsonOf(rejected.body)]).toEqual([500, { failed: 'rejected' }])
    expect((await ask('/nowhere')).status).toBe(404)
  })

  test('trailers', async () => {
    const { body, trailers } = await ask('/trailers')
    expect([String(body), trailers]).toEqual(['body', { 'x-sum': '42' }])
  })
})
