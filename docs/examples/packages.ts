// The short programs on the pages of the packages, in one.
// #region server
import { Response, serve } from '@hyper/server'
// #endregion server
// #region client
import { Client, HyperError } from '@hyper/client'
// #endregion client
// #region util
import { h1 } from '@hyper/core'
import { HttpResponse } from '@hyper/core/http'
import { listen, nodeRuntime } from '@hyper/util/node'
// #endregion util

// #region server
const server = await serve({ port: 0, fetch: () => new Response('Hello, World!') }) // server.url says where
// #endregion server
const { url } = server

// #region client
const client = new Client({ timeouts: { connect: 2_000, headers: 10_000 } })
try {
  const response = await client.get(url)
  console.log(response.status, response.version, await response.text())
} catch (error) {
  if (error instanceof HyperError) console.log(error.code, error.message)
}
await client.close()
// #endregion client

// #region server
await server.close({ deadline: 10_000 }) // takes nothing new, finishes what runs
// #endregion server

// #region util
const options = { runtime: nodeRuntime } // one object for all connections
const listener = listen({ port: 0 }, (io) => {
  h1.serveConnection(io, (request) => new HttpResponse(`Hello, ${request.target}`), options)
})
await listener.ready
console.log(listener.address?.port !== 0)
// #endregion util
await listener.close()
