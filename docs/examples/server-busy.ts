// Shedding load: a busy server refuses what comes, finishes what runs, and serves again.
import { Client } from '@hyper/client'
import { h2, HttpRequest, HttpResponse } from '@hyper/core'
import type { Service } from '@hyper/core/service'
import { serve } from '@hyper/server'
import { connectTcp, nodeRuntime } from '@hyper/util/node'

let release = (): void => {}
const released = new Promise<void>((resolve) => (release = resolve))
let begun = (): void => {}
const running = new Promise<void>((resolve) => (begun = resolve))

const service: Service = async (request) => {
  if (request.target !== '/slow') return new HttpResponse('quick')
  begun()
  await released
  return new HttpResponse('slow, and in full')
}
const server = await serve({ port: 0, hostname: '127.0.0.1', service })
const client = new Client()
const slow = client.get(new URL('/slow', server.url))
await running
const io = await connectTcp({ host: '127.0.0.1', port: server.port })
const { sender, connection } = h2.handshake(io, { runtime: nodeRuntime })
const ask = (): Promise<HttpResponse> =>
  sender.send(new HttpRequest('GET', '/', { headers: { host: 'localhost' } }))

// #region busy
server.busy = true // while memory is short, say, or the event loop late
const refused = await client.get(server.url)
console.log(refused.status, refused.headers.get('connection'))
await ask().catch(({ reason, retryable }) => console.log(reason, retryable)) // over HTTP/2
release()
console.log(await (await slow).text()) // what ran is finished
server.busy = false
console.log(await (await client.get(server.url)).text(), await (await ask()).text())
// #endregion busy
connection.gracefulShutdown()
await client.close()
await server.close()
