// A server and a client of it: the same program on every runtime.
// #region same
import { Client } from '@hyper/client'
import { serve } from '@hyper/server'

const server = await serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response('Hello, World!') })
const client = new Client()
const response = await client.get(server.url)
console.log(response.status, await response.text())
// #endregion same
await client.close()
await server.close()
