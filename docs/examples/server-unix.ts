// A server on a unix socket, and a client that asks it.
// #region unix
import { Client } from '@hyper/client'
import { serve } from '@hyper/server'

const path = `/tmp/hyper-example-${process.pid}.sock`
const server = await serve({ path, fetch: (request) => new Response(new URL(request.url).pathname) })

const client = new Client({ socketPath: path })
const response = await client.get('http://localhost/over/a/file') // the host is not looked up
console.log(response.status, await response.text())
// #endregion unix
await client.close()
await server.close()
