// Both kinds of proxies, at work.
// #region start
import { Client } from '@hyper/client'
import { serve } from '@hyper/server'

const origin = await serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch: async (request) =>
    Response.json([request.method, request.headers.get('x-forwarded-for'), await request.text()]),
})
// Says to its server what it is told, and to its client what it hears.
const upstream = new Client({ proxy: null, redirect: 'manual', decompress: false })
// #endregion start

// #region serve-reverse
import { reverseProxy } from './proxy-reverse.ts'

const reverse = await serve({
  port: 0,
  hostname: '127.0.0.1',
  service: reverseProxy({ client: upstream, name: 'edge', origin: () => new URL(origin.url).origin }),
  http2: { enableConnectProtocol: true }, // WebSockets over HTTP/2 pass, too
})
// #endregion serve-reverse

// #region serve-forward
import { forwardProxy } from './proxy-forward.ts'

const forward = await serve({
  port: 0,
  hostname: '127.0.0.1',
  service: forwardProxy({
    client: upstream,
    name: 'gate',
    allows: (host, port) => host === '127.0.0.1' && port > 1023,
    isSelf: (address, port) => address === '127.0.0.1' && port === forward.port,
  }),
})
// #endregion serve-forward

const direct = new Client()
console.log(await (await direct.post(reverse.url, { body: 'in' })).json())
const proxied = new Client({ proxy: forward.url })
const answer = await proxied.get(origin.url)
console.log(answer.status, answer.headers.get('via'), await answer.json())
const tunnel = await direct.tunnel(forward.url, `127.0.0.1:${origin.port}`)
const inside = tunnel.duplex()
inside.end('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
let text = ''
for await (const chunk of inside) text += String(chunk)
console.log(text.split('\r\n')[0])
for (const target of ['127.0.0.1:22', `127.0.0.1:${forward.port}`]) {
  const refused: unknown = await direct.tunnel(forward.url, target).catch((error: unknown) => error)
  console.log((refused as Error).message)
}
for (const client of [direct, proxied, upstream]) await client.close()
for (const server of [reverse, forward, origin]) await server.close({ deadline: 1_000 })
