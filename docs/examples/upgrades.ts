// Leaving HTTP: Upgrade on the server and on the client, and a proxy for CONNECT.
// #region server
import { pipeline } from 'node:stream'
import { HttpResponse } from '@hyper/core/http'
import type { Service } from '@hyper/core/service'
import { serve } from '@hyper/server'
import { connectTcp, duplexFrom } from '@hyper/util/node'

const echo: Service = (request, exchange) => {
  if (request.headers.get('upgrade') !== 'echo')
    return new HttpResponse(null, { status: 426, headers: { upgrade: 'echo' } })
  exchange.upgrade().then(
    ({ io, leftover }) => {
      const duplex = duplexFrom(io, leftover) // a node:stream Duplex, which gives the leftover first
      pipeline(duplex, duplex, (error) => {
        if (error != null) console.log('echo lost:', error.message)
      })
    },
    (error: unknown) => console.log('no upgrade:', error),
  )
  return new HttpResponse(null, { status: 101, headers: { connection: 'upgrade', upgrade: 'echo' } })
}

const server = await serve({ port: 0, hostname: '127.0.0.1', service: echo })
// #endregion server

// #region client
import { once } from 'node:events'
import { Client } from '@hyper/client'

const client = new Client()
const upgraded = await client.upgrade(server.url, { protocol: 'echo' }) // NO_UPGRADE unless the answer is 101
console.log(upgraded.response.status, upgraded.response.headers.get('upgrade'))
const duplex = upgraded.duplex() // or take `io` and `leftover` as they are
duplex.end('ping')
console.log(String(await once(duplex, 'data')))
// #endregion client

// #region proxy
import { joinIo } from '@hyper/util/tunnel'

const proxy = await serve({
  port: 0,
  hostname: '127.0.0.1',
  service: async (request, exchange) => {
    if (request.method !== 'CONNECT') return new HttpResponse(null, { status: 405 })
    const { host, port } = request.uri
    const there = await connectTcp({ host: host ?? '', port: port ?? 0, timeout: 5_000 }).catch(() => null)
    if (there === null) return new HttpResponse(null, { status: 502 })
    exchange.upgrade().then(
      (here) => void joinIo(here, { io: there }), // whoever ends or fails takes the other along
      () => there.abort(),
    )
    return new HttpResponse() // 200: from here on it is a tunnel
  },
})
// #endregion proxy

// #region tunnel
const tunnel = await client.tunnel(proxy.url, `127.0.0.1:${server.port}`)
const inside = tunnel.duplex()
inside.end('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
let text = ''
for await (const chunk of inside) text += String(chunk)
console.log(text.split('\r\n')[0])
// #endregion tunnel

for (const attempt of [
  () => client.upgrade(server.url, { protocol: 'other' }),
  () => client.tunnel(proxy.url, '127.0.0.1:1'),
]) {
  const refused: unknown = await attempt().catch((error: unknown) => error)
  const { code, message } = refused as { code: string; message: string }
  console.log(code, message)
}
await client.close()
await proxy.close({ deadline: 1_000 })
await server.close({ deadline: 1_000 })
