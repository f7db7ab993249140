// A server in the terms of the Fetch standard: routes, early hints, trailers, and what it knows of the client.
// #region handler
import { Response, serve } from '@hyper/server'

const server = await serve({
  port: 0,
  hostname: '127.0.0.1',
  async fetch(request, context) {
    const { pathname } = new URL(request.url)
    if (pathname === '/hello') return new Response('Hello, World!')
    if (pathname === '/echo') return new Response(request.body)
    if (pathname === '/json') return Response.json({ length: (await request.text()).length })
    if (pathname === '/whoami') return new Response(`${context.remoteAddress} by HTTP/${context.httpVersion}`)
    return new Response('not here', { status: 404 })
  },
})
// #endregion handler

// #region context
async function writeAccessLog(line: string): Promise<void> {
  await Promise.resolve() // a database, say
  console.log(line)
}

const hinting = await serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch(_request, context) {
    context.sendInformational(103, { link: '</style.css>; rel=preload' }) // leaves at once
    context.trailers(() => ({ 'x-took': '3 ms' })) // asked for once the body is out
    context.waitUntil(writeAccessLog('asked')) // server.close() waits for it
    return new Response('<link rel=stylesheet href=style.css>', {
      headers: { 'content-type': 'text/html' },
    })
  },
})
// #endregion context

import { Client } from '@hyper/client'
const client = new Client()
for (const path of ['hello', 'whoami', 'nothing']) {
  const response = await client.get(server.url + path)
  console.log(response.status, await response.text())
}
console.log(await (await client.post(`${server.url}echo`, { body: 'and back' })).text())
console.log(await (await client.post(`${server.url}json`, { body: 'four' })).json())
const hinted = await client.get(hinting.url, {
  headers: { te: 'trailers', connection: 'te' },
  onInformational: (status, headers) => console.log(status, headers.get('link')),
})
console.log(hinted.headers.get('content-type'), (await hinted.text()).length)
console.log((await hinted.trailers)?.get('x-took'))
await client.close()
await server.close()
await hinting.close()
