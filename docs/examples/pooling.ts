// Connections of a client: how many there are, who waits, when a request is sent again; and the parts of a pool by themselves.
import { HttpResponse } from '@hyper/core/http'
import { serve } from '@hyper/server'
let refusals = 2
const server = await serve({
  port: 0,
  hostname: '127.0.0.1',
  service: async (request, exchange) => {
    if (request.target === '/refused' && refusals-- > 0) return exchange.refuse()
    return new HttpResponse(await request.text())
  },
})
const { url } = server
// #region client
import { Client, CONNECTION } from '@hyper/client'

const client = new Client({
  http2: { priorKnowledge: true }, // without TLS there is no ALPN to ask
  pool: { maxConnectionsPerOrigin: 10 },
  timeouts: { pool: 5_000 },
})
const answers = await Promise.all(Array.from({ length: 50 }, () => client.get(url)))
console.log(answers.length, client.stats())
// #endregion client

// #region again
const response = await client.post(`${url}refused`, { body: 'may be sent again' })
const told = response.extensions.get(CONNECTION)
console.log(response.status, told?.protocol, told?.isReused, told?.attempts)
// #endregion again

// #region repeat
const parts = (): string[] => ['made anew ', 'each time'] // a function: its body can be had again
const again = await client.post(url, { body: parts, idempotent: true })
console.log(await again.text())
// #endregion repeat
await client.close()
await server.close()

// #region cache
import { nodeRuntime } from '@hyper/util/node'
import { Cache, Limits } from '@hyper/util/pool'

let made = 0
const workers = new Cache<{ id: number }>({
  runtime: nodeRuntime,
  make: async () => ({ id: ++made }), // whatever is dear to make, and has one user at a time
  limits: new Limits({ maxConnectionsPerOrigin: 2 }),
})
const first = await workers.take()
const second = await workers.take()
const third = workers.take() // has to wait
workers.give(second)
console.log((await third).id, workers.size, first.id)
// #endregion cache
workers.give(first)
workers.give(await third)
await workers.close()

// #region singleton
import { Singleton } from '@hyper/util/pool'

let dials = 0
const shared = new Singleton<string>({
  runtime: nodeRuntime,
  make: async () => `connection ${++dials}`, // made once, however many ask at the same time
})
const users = [1, 2, 3].map(async () => shared.take())
console.log(new Set(await Promise.all(users)))
// #endregion singleton
