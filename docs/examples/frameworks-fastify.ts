// An application of Fastify on our server, by its `serverFactory`.
// #region fastify
import Fastify from 'fastify'
import { createServer } from '@hyper/server/node'

const app = Fastify({ serverFactory: (handler) => createServer(handler) })
app.get('/hello/:name', (request) => ({ hello: (request.params as { name: string }).name, from: request.ip }))
app.get('/trailers', (_request, reply) => {
  reply.trailer('x-took', () => Promise.resolve('3 ms'))
  return reply.send('with trailers')
})
const origin = await app.listen({ port: 0, host: '127.0.0.1' })
// #endregion fastify

import { Client } from '@hyper/client'

const client = new Client({ http2: { priorKnowledge: true } })
console.log(await (await client.get(`${origin}/hello/you`)).text())
const response = await client.get(`${origin}/trailers`)
console.log(await response.text(), (await response.trailers)?.get('x-took'))
await client.close()
await app.close()
