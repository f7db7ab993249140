// A server in the engine's own terms: a service, a layer round it, limits, timeouts, and where errors go.
// #region service
import { HttpResponse } from '@hyper/core/http'
import { layer, stack, type Service } from '@hyper/core/service'
import { serve } from '@hyper/server'

const hello: Service = (request) => {
  if (request.target === '/') return new HttpResponse('Hello, World!')
  if (request.target === '/fail') throw new Error('out of paper')
  if (request.target === '/upload') return request.text().then((text) => new HttpResponse(`${text.length}`))
  return new HttpResponse(null, { status: 404 })
}

const named = layer(async (request, exchange, inner) => {
  const response = await inner(request, exchange)
  response.headers.set('server', 'guide')
  return response
})
// #endregion service

// #region options
const server = await serve({
  port: 0,
  hostname: '127.0.0.1',
  service: stack([named], hello), // the first layer is the outermost
  timeouts: { headers: 5_000, idle: 15_000, receive: null }, // null, 0 and Infinity turn one off
  limits: { maxHeaderSize: 16_384, maxRequestBodySize: 1_048_576, maxConnections: 10_000 },
  onError: (error) => console.log('onError:', (error as Error).message),
})
// #endregion options

import { Client } from '@hyper/client'
const client = new Client()
const response = await client.get(server.url)
console.log(response.status, response.headers.get('server'), await response.text())
console.log((await client.get(`${server.url}fail`)).status)
console.log(await (await client.post(`${server.url}upload`, { body: new Uint8Array(1000) })).text())
console.log((await client.post(`${server.url}upload`, { body: new Uint8Array(2_000_000) })).status)
await client.close()
await server.close()
