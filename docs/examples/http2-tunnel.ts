// Tunnels over HTTP/2, each on a stream of its own: CONNECT and extended CONNECT (RFC 8441).
// #region server
import { pipeline } from 'node:stream'
import { h2, HttpResponse } from '@hyper/core'
import type { Service } from '@hyper/core/service'
import { duplexFrom, nodeRuntime } from '@hyper/util/node'

const service: Service = (request, exchange) => {
  if (request.method !== 'CONNECT') return new HttpResponse(null, { status: 405 })
  const protocol = exchange.extensions.get(h2.protocolKey) // undefined for a plain CONNECT
  if (protocol !== undefined && protocol !== 'echo') return new HttpResponse(null, { status: 501 })
  exchange.upgrade().then(
    ({ io, leftover }) => {
      const stream = duplexFrom(io, leftover) // a node:stream Duplex over this one stream
      stream.write(`${protocol ?? 'tunnel'} to ${request.target}: `)
      pipeline(stream, stream, (error) => {
        if (error != null) console.log('tunnel lost:', error.message)
      })
    },
    (error: unknown) => console.log('no tunnel:', error),
  )
  return new HttpResponse() // 200, and not 101, which HTTP/2 does not have
}
const options: h2.ServeOptions = { runtime: nodeRuntime, enableConnectProtocol: true }
// #endregion server

// #region client
import { HttpRequest } from '@hyper/core/http'
import { duplex } from '@hyper/util/memory'

const [io, serverIo] = duplex() // both ends in this process
h2.serveConnection(serverIo, service, options)
const { sender, connection } = h2.handshake(io, { runtime: nodeRuntime })

const plain = await sender.send(new HttpRequest('CONNECT', 'db.example:5432'))
await talk(plain, 'hello')

const echo = new HttpRequest('CONNECT', '/chat', { headers: { host: 'example.org' } })
const extended = await sender.send(echo, { protocol: 'echo' })
await talk(extended, 'hello again')

async function talk(response: HttpResponse, words: string): Promise<void> {
  const parts = await h2.upgraded(response) // NO_UPGRADE unless it is a 2xx to a CONNECT
  const tunnel = duplexFrom(parts.io, parts.leftover)
  tunnel.end(words)
  let text = ''
  for await (const chunk of tunnel) text += String(chunk)
  console.log(response.status, text)
}
// #endregion client
const other = await sender.send(echo.with({}), { protocol: 'other' })
console.log(other.status, await h2.upgraded(other).catch((error: { code: string }) => error.code))
connection.gracefulShutdown()
await connection.closed
