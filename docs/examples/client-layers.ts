// What stands between a request and its connection: redirects, cookies, codings, retries, credentials, and your own.
import { serve } from '@hyper/server'
let flaky = 0
const server = await serve({
  port: 0,
  hostname: '127.0.0.1',
  service: async (request) => {
    const { headers, method } = request
    const body = await request.text()
    switch (request.target) {
      case '/old':
        return new HttpResponse(null, {
          status: 303,
          headers: { location: '/new', 'set-cookie': 'seen=old' },
        })
      case '/new':
        return new HttpResponse(`${method} with ${headers.get('cookie') ?? 'no cookie'}`)
      case '/page':
        return new HttpResponse(gzipSync('a page. '.repeat(100)), { headers: { 'content-encoding': 'gzip' } })
      case '/flaky':
        return new HttpResponse('at last', { status: ++flaky < 3 ? 503 : 200 })
      case '/tenant':
        return new HttpResponse(`for ${headers.get('x-tenant')}`)
      case '/cached':
        return headers.get('if-none-match') === '"1"'
          ? new HttpResponse(null, { status: 304 })
          : new HttpResponse('from the server', { headers: { etag: '"1"' } })
      default:
        return new HttpResponse(`${headers.get('content-type')?.split(';')[0]} ${body.length}`)
    }
  },
})
const { url } = server

// #region redirect
import { Client } from '@hyper/client'
import { URL_LIST } from '@hyper/client/layers'

const client = new Client()
const moved = await client.post(`${url}old`, { json: { a: 1 } }) // 303: a GET follows, and the JSON does not
console.log(
  await moved.text(),
  moved.extensions.get(URL_LIST)?.map((one) => new URL(one).pathname),
)

const stopped = await client.get(`${url}old`, { redirect: 'manual' })
console.log(stopped.status, stopped.headers.get('location'))

const careful = await client.get(`${url}old`, {
  redirect: ({ from, to }) => (new URL(from).origin === new URL(to).origin ? 'follow' : 'error'),
})
// #endregion redirect
console.log(careful.status)

// #region cookies
import type { CookieJar } from '@hyper/client/layers'

const kept = new Map<string, string>()
const jar: CookieJar = {
  getCookieString: () => Array.from(kept, ([name, value]) => `${name}=${value}`).join('; '),
  setCookie(cookie) {
    const [name = '', value = ''] = cookie.split(';', 1)[0]?.split('=') ?? []
    kept.set(name, value)
  },
}
const remembering = new Client({ cookies: jar })
console.log(await (await remembering.get(`${url}old`)).text()) // what the redirect has set is sent where it leads
// #endregion cookies

// #region decompress
const page = await client.get(`${url}page`) // asked for gzip, deflate, br and zstd
console.log(page.headers.has('content-encoding'), (await page.text()).length)

const asItIs = await client.get(`${url}page`, { decompress: false })
console.log((await asItIs.bytes()).length)

const small = await client.get(`${url}page`, { decompress: { maxSize: 500 } })
// #endregion decompress
await small.text().catch((error: { code: string }) => console.log(error.code))

// #region retry
import { RETRIES } from '@hyper/client/layers'

const patient = new Client({ retry: { maxRetries: 3, delay: 10 } })
const answer = await patient.get(`${url}flaky`)
console.log(answer.status, answer.extensions.get(RETRIES))

await patient.post(`${url}orders`, { json: {}, idempotent: true, headers: { 'idempotency-key': 'a1' } })
// #endregion retry

// #region auth
await client.get(url, { auth: { username: 'me', password: 'secret' } })
await client.get(url, { auth: { bearer: 'mF_9.B5f-4.1JqM' } })
await client.get(url.replace('//', '//me:secret@')) // sent as a field, and not as part of the URL
// #endregion auth

// #region content
import { multipart } from '@hyper/client'

const form = new FormData()
form.append('title', 'A picture')
form.append('file', new File(['…'], 'a.png', { type: 'image/png' }))

const bodies = [
  await client.post(url, { json: { a: 1 } }),
  await client.post(url, { form: { a: 1, list: ['x', 'y'] } }),
  await client.post(url, { body: form }),
  await client.post(url, { body: new Blob(['text'], { type: 'text/plain' }) }),
]
for (const response of bodies) console.log(await response.text())

// Streams in a form; a function makes them anew, should the request be sent again.
async function* rows(): AsyncGenerator<string> {
  yield 'a;b\n'
}
const table = multipart([{ name: 'table', filename: 't.csv', type: 'text/csv', value: rows }])
// #endregion content
console.log(table.isReplayable, table.length, (await client.post(url, { body: table })).status)

// #region progress
const uploaded = await client.put(url, {
  body: new Blob(['x'.repeat(1000)]),
  onUploadProgress: ({ sent, total }) => console.log('up', sent, total),
  onDownloadProgress: ({ received, total }) => console.log('down', received, total),
})
// #endregion progress
await uploaded.text()

// #region log
import { layer } from '@hyper/core/service'

const logged = layer(async (request, exchange, inner) => {
  const response = await inner(request, exchange)
  console.log(request.method, new URL(request.target).pathname, response.status)
  return response
})
// #endregion log

// #region cache
import { HttpResponse } from '@hyper/core/http'

const pages = new Map<string, { readonly etag: string; readonly text: string }>()

/** Asks whether what we have is still good. What may be kept at all is another question (RFC 9111 §3). */
const cached = layer(async (request, exchange, inner) => {
  if (request.method !== 'GET') return inner(request, exchange)
  const page = pages.get(request.target)
  // A layer changes nothing that it was given.
  const headers = request.headers.clone()
  if (page !== undefined) headers.set('if-none-match', page.etag)
  const response = await inner(request.with({ headers }), exchange)
  if (response.status === 304 && page !== undefined) {
    response.body.cancel()
    return new HttpResponse(page.text, { headers: { etag: page.etag } })
  }
  const etag = response.headers.get('etag')
  if (response.status !== 200 || etag === null) return response
  const text = await response.body.collect({ limit: 1_000_000 })
  pages.set(request.target, { etag, text: text.text() })
  return response.with({ body: text.bytes() })
})
// #endregion cache

// #region use
const own = new Client({ layers: [cached, logged] }) // the first is the outermost: it sees the request first
console.log(await (await own.get(`${url}cached`)).text())
console.log(await (await own.get(`${url}cached`)).text()) // 304, and the text that was kept

const plain = new Client({ layers: () => [logged] }) // none of the usual ones
console.log((await plain.get(`${url}old`)).status)
// #endregion use

// #region option
import { optionsOf } from '@hyper/client'

const TENANT: unique symbol = Symbol('tenant')
declare module '@hyper/client' {
  interface RequestOptions {
    readonly [TENANT]?: string | undefined
  }
}

const tenant = layer((request, exchange, inner) => {
  const name = optionsOf(exchange)?.[TENANT]
  if (name === undefined) return inner(request, exchange)
  return inner(request.with({ headers: request.headers.clone().set('x-tenant', name) }), exchange)
})
const shared = new Client({ layers: [tenant] })
console.log(await (await shared.get(`${url}tenant`, { [TENANT]: 'blue' })).text())
// #endregion option

// #region apart
import { gzipSync } from 'node:zlib'
import { ClientExchange } from '@hyper/client'
import { HttpRequest } from '@hyper/core/http'
import { type Service, stack } from '@hyper/core/service'
import { decompress, redirect } from '@hyper/client/layers'

const memory: Service = (request) =>
  request.target.endsWith('/a')
    ? new HttpResponse(null, { status: 302, headers: { location: '/b' } })
    : new HttpResponse(gzipSync('no socket'), { headers: { 'content-encoding': 'gzip' } })

const service = stack([redirect(), decompress()], memory)
const exchange = new ClientExchange({}, null)
const found = await service(new HttpRequest('GET', 'http://in.memory/a'), exchange)
console.log(await found.text())
// #endregion apart

for (const one of [client, remembering, patient, own, plain, shared]) await one.close()
await server.close()
