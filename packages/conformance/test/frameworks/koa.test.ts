import { Readable } from 'node:stream'
import { createServer } from '@hyper/server/node'
import Koa from 'koa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fourClients, originOf } from './four-clients.ts'

// An application of Koa 3 on our server: `app.callback()` is a listener like any other.

let server: ReturnType<typeof createServer>
let origin: string
const clients = fourClients()
const failures: unknown[] = []

beforeAll(async () => {
  const app = new Koa()
  app.on('error', () => {})
  app.use(async (ctx, next) => {
    await next()
    ctx.set('x-after', 'yes')
  })
  app.use(async (ctx) => {
    if (ctx.path === '/json') ctx.body = { ip: ctx.ip, host: ctx.host, query: ctx.query, fresh: ctx.fresh }
    else if (ctx.path === '/stream') ctx.body = Readable.from(['one ', 'two'])
    else if (ctx.path === '/echo') ctx.body = ctx.req
    else if (ctx.path === '/throw') ctx.throw(409, 'taken')
    else if (ctx.path === '/cookie') {
      ctx.cookies.set('a', '1')
      ctx.status = 204
    }
  })
  server = createServer({ onError: (error) => failures.push(error) }, app.callback()).listen(0, '127.0.0.1')
  origin = await originOf(server)
})

afterAll(async () => {
  for (const client of clients) await client.close()
  await new Promise((resolve) => server.close(resolve))
  expect(failures).toEqual([])
})

test.each(clients)('Koa 3, asked by $name', async (client) => {
  const ask = async (path: string, more: object = {}): ReturnType<typeof client.ask> =>
    client.ask(origin, { path, ...more })
  const json = await ask('/json?a=1')
  expect([json.status, json.headers['x-after'], JSON.parse(String(json.body))]).toEqual([
    200,
    'yes',
    { ip: '127.0.0.1', host: origin.slice('http://'.length), query: { a: '1' }, fresh: false },
  ])
  expect(String((await ask('/stream')).body)).toBe('one two')
  expect(String((await ask('/echo', { method: 'POST', body: 'there and back' })).body)).toBe('there and back')
  const thrown = await ask('/throw')
  expect([thrown.status, String(thrown.body)]).toEqual([409, 'taken'])
  const cookie = await ask('/cookie')
  expect([cookie.status, cookie.headers['set-cookie']]).toEqual([204, 'a=1; path=/; httponly'])
  expect((await ask('/nowhere')).status).toBe(404)
})
