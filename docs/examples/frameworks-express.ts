// An application of Express on our server: HTTP/1.1 and HTTP/2 on one port, and a WebSocket beside it.
// #region express
import express from 'express'
import { createServer } from '@hyper/server/node'

const app = express()
app.get('/hello/:name', (request, response) => {
  response.json({ hello: request.params.name, from: request.ip, by: request.httpVersion })
})
app.post('/sum', express.json(), (request, response) => {
  response.json({ sum: (request.body as number[]).reduce((a, b) => a + b, 0) })
})

const server = createServer({ onError: (error) => console.error(error) }, app) // cert and key here: TLS
await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
// #endregion express

// #region ws
import { WebSocketServer } from 'ws'

const sockets = new WebSocketServer({ server, path: '/chat' }) // by an upgrade, and over HTTP/2 (RFC 8441)
sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(data, { binary: false })))
// #endregion ws

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Client } from '@hyper/client'

const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
for (const client of [new Client(), new Client({ http2: { priorKnowledge: true } })]) {
  console.log(await (await client.get(`${origin}/hello/you`)).text())
  const headers = { 'content-type': 'application/json' }
  console.log(await (await client.post(`${origin}/sum`, { headers, body: '[1,2,3]' })).text())
  console.log((await client.get(`${origin}/nowhere`)).status)
  await client.close()
}
const socket = new WebSocket(`${origin.replace('http:', 'ws:')}/chat`)
await once(socket, 'open')
socket.send('hi')
const [message] = (await once(socket, 'message')) as [MessageEvent]
console.log(message.data)
socket.close()
await once(socket, 'close')

// #region close
server.close(() => console.log('closed')) // what runs is finished; server.closeAllConnections() ends the rest
// #endregion close
await once(server, 'close')
