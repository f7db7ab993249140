import { Client } from '@hyper/client'
import {
  type FetchHandler,
  Request as OurRequest,
  Response as OurResponse,
  serve,
  type Server,
} from '@hyper/server'
import { afterEach, expect, test } from 'vitest'

// A server whose handler asks another one: the lazy requests and responses of both packages are given to each other, and to
// the platform.

const servers: Server[] = []
const client = new Client()

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close({ deadline: 0 })))
})

async function start(fetch: FetchHandler): Promise<string> {
  const server = await serve({ port: 0, hostname: '127.0.0.1', fetch })
  servers.push(server)
  return server.url
}

const upstream: FetchHandler = async (request) => {
  const { headers, method } = request
  const text = await request.text()
  const answer = new OurResponse(`${method} ${headers.get('x-a')} ${text}`, {
    status: 203,
    statusText: 'Through',
  })
  answer.headers.append('set-cookie', 'a=1')
  answer.headers.append('set-cookie', 'b=2')
  return answer
}

const forms: readonly (readonly [string, (to: string) => FetchHandler])[] = [
  ['the request as it is', (to) => (request) => client.fetch(to, request as RequestInit)],
  [
    'its members',
    (to) =>
      ({ body, headers, method }) =>
        client.fetch(to, { body, headers, method, duplex: 'half' }),
  ],
  ['a platform’s Request of it', (to) => (request) => client.fetch(new Request(to, new OurRequest(request)))],
  [
    'the response rebuilt',
    (to) => async (request) => {
      const response = await client.fetch(to, request as RequestInit)
      return new OurResponse(response.body, response)
    },
  ],
  [
    'the response rebuilt by the platform',
    (to) => async (request) => {
      const response = await client.fetch(to, request as RequestInit)
      return new Response(response.body, { ...response, status: response.status, headers: response.headers })
    },
  ],
]

test.each(forms)('%s', async (name, make) => {
  const url = await start(make(await start(upstream)))
  const asked = client.fetch(`${url}path`, { method: 'POST', body: 'sent', headers: { 'x-a': 'b' } })
  const response = await asked
  expect(response.status).toBe(203)
  if (!name.includes('platform')) expect(response.statusText).toBe('Through')
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  expect(await response.text()).toBe('POST b sent')
})

test('the request of a handler is a Request for fetch', async () => {
  let asked = ''
  const url = await start((request) => {
    if (request.headers.has('x-again')) return new OurResponse(request.url.slice(-4))
    asked = request.url
    return client.fetch(request, { headers: { 'x-again': '1' } })
  })
  expect(await (await client.fetch(`${url}same`)).text()).toBe('same')
  expect(asked).toBe(`${url}same`)
})
