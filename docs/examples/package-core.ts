// The short program on the page of the core: a server and a client, joined in memory.
// #region core
import { h1, HttpRequest, HttpResponse } from '@hyper/core'
import { duplex } from '@hyper/util/memory' // or an Io of your own
import { webRuntime } from '@hyper/util/web' // or a Runtime of your own

const options = { runtime: webRuntime } // one object for all connections
const [here, there] = duplex()
h1.serveConnection(there, (request) => new HttpResponse(`Hello, ${request.target}`), options)

const { sender, connection } = h1.handshake(here, options)
const response = await sender.send(new HttpRequest('GET', '/a', { headers: { host: 'x' } }))
console.log(response.status, await response.text())
connection.gracefulShutdown()
// #endregion core
