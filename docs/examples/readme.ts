// The short programs of the README, in one: each part stands there as it stands here.
// #region server
import { serve } from '@hyper/server'
// #endregion server
// #region client
import { Client } from '@hyper/client'
// #endregion client
// #region framework
import { h1, HttpResponse } from '@hyper/core'
import { listen, nodeRuntime } from '@hyper/util/node'
// #endregion framework

// #region server
const server = await serve({ port: 0, fetch: () => new Response('Hello, World!') }) // 0: any free port
// #endregion server

// #region client
const client = new Client({ timeouts: { connect: 2_000, headers: 10_000 } })
const response = await client.get(server.url)
console.log(response.status, response.version, await response.text()) // 200 1.1 Hello, World!

await client.close()
await server.close({ deadline: 10_000 }) // takes nothing new, finishes what runs
// #endregion client

// #region framework
const options = { runtime: nodeRuntime } // one object for all connections
const listener = listen({ port: 0 }, (io) => h1.serveConnection(io, () => new HttpResponse('Hello'), options))
await listener.ready // listener.address says where
// #endregion framework
const asking = new Client()
const answer = await asking.get(`http://localhost:${listener.address?.port ?? 0}/`)
console.log(answer.status, await answer.text())
await asking.close()
await listener.close()

// #region machine
const machine = new h1.ServerMachine({ maxHeaders: 20 })
machine.receive(new TextEncoder().encode('GET /a?b HTTP/1.1\r\nhost: example\r\n\r\n'), 0) // bytes, and the time
if (machine.nextEvent() === h1.HEAD_EVENT) console.log(machine.request?.method, machine.request?.target)
// #endregion machine
