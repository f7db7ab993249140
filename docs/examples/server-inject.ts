// A server without a port: requests by `inject`, and connections that something else accepts.
// #region inject
import { serve } from '@hyper/server'

const server = await serve({
  listen: false, // no place at all; `inject` works beside a port as well
  async fetch(request, context) {
    context.trailers({ 'x-length': String((await request.text()).length) })
    return new Response(`${request.method} by HTTP/${context.httpVersion} from ${context.remoteAddress}`)
  },
})

const response = await server.inject('/upload', {
  method: 'POST',
  body: 'four',
  headers: { te: 'trailers' },
  protocol: 'http2', // default: 'http1'
  peer: { remoteAddress: '192.0.2.1' },
})
console.log(response.status, await response.text())
console.log((await response.trailers)?.get('x-length'))
await server.close()
// #endregion inject

// #region connections
import { Client } from '@hyper/client'
import { MemoryListener } from '@hyper/util/memory'

const connections = new MemoryListener()
const inMemory = await serve({ connections, fetch: () => new Response('over a stream in memory') })

const client = new Client({ connector: () => Promise.resolve(connections.connect()) })
console.log(await (await client.get('http://a.example/')).text())
await client.close()
await inMemory.close()
// #endregion connections
