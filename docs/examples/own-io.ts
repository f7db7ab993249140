// The adapter and the runtime of this guide at work: HTTP over two streams in one process.
// #region use
import { duplexPair } from 'node:stream'
import { h1, HttpRequest, HttpResponse } from '@hyper/core'
import { smallRuntime } from './small-runtime.ts'
import { streamIo } from './stream-io.ts'

const [here, there] = duplexPair()
const options = { runtime: smallRuntime }
const connection = h1.serveConnection(streamIo(there), (request) => new HttpResponse(request.target), options)
const client = h1.handshake(streamIo(here), options)

const response = await client.sender.send(new HttpRequest('GET', '/over/streams', { headers: { host: 'x' } }))
console.log(response.status, await response.text())
client.connection.gracefulShutdown()
console.log('ended:', (await connection.closed).error)
// #endregion use
