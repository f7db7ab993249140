// The drivers: a server connection and a client connection over any byte stream.
// #region serve
import { h1, HttpResponse } from '@hyper/core'
import type { Service } from '@hyper/core/service'
import { connectTcp, listen, nodeRuntime } from '@hyper/util/node'

const service: Service = async (request) => new HttpResponse(`${request.method} ${await request.text()}`)

const options: h1.ServeOptions = { runtime: nodeRuntime, maxHeaders: 50, headerReadTimeout: 10_000 }
const listener = listen({ port: 0, hostname: '127.0.0.1' })
const ends: Promise<void>[] = []

async function acceptAll(): Promise<void> {
  for await (const io of listener) {
    const connection = h1.serveConnection(io, service, options)
    // Never rejects: it says how the connection ended, and what kept it from serving another request.
    ends.push(connection.closed.then(({ error, reasons }) => console.log('ended:', error, ...reasons)))
  }
}

const accepting = acceptAll()
await listener.ready
// #endregion serve

// #region handshake
import { HttpRequest } from '@hyper/core/http'

const io = await connectTcp({ host: '127.0.0.1', port: listener.address?.port ?? 0 })
const { sender, connection } = h1.handshake(io, { runtime: nodeRuntime, headersTimeout: 10_000 })
for (const body of ['one', 'two']) {
  await sender.ready() // one exchange at a time
  const request = new HttpRequest('POST', '/', { headers: { host: 'localhost' }, body })
  const response = await sender.send(request)
  console.log(response.status, await response.text())
}
connection.gracefulShutdown()
await connection.closed
// #endregion handshake
await listener.close()
await accepting
await Promise.all(ends)
