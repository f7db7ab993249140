// A plain listener of node:http on our server.
// #region bare
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { createServer } from '@hyper/server/node'

const server = createServer(
  {
    keepAliveTimeout: 30_000,
    limits: { maxRequestBodySize: 10_000_000 },
    http2: { keepAliveInterval: 60_000 },
  },
  async (request, response) => {
    if (request.url === '/fail') throw new Error('out of paper') // 500, and `onError`; the process lives
    response.writeHead(200, { 'content-encoding': 'gzip' })
    await pipeline(request, createGzip(), response) // no faster than the client takes it
  },
)
server.listen(0, '127.0.0.1')
// #endregion bare

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Client } from '@hyper/client'

process.once('warning', (warning) => console.log(warning.message)) // without `onError` it is a warning
await once(server, 'listening')
const { port } = server.address() as AddressInfo
const client = new Client()
console.log(await (await client.post(`http://127.0.0.1:${port}/`, { body: 'there and back' })).text())
console.log((await client.get(`http://127.0.0.1:${port}/fail`)).status)
await client.close()
server.close()
await once(server, 'close')
