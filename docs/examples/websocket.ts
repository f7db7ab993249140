// WebSockets by `ws`, over HTTP/1 and over HTTP/2.
// #region server
import { Response, serve } from '@hyper/server'
import { isWebSocket, upgradeWebSocket } from '@hyper/server/websocket'
import { type WebSocket as Talker, WebSocketServer } from 'ws'

const sockets = new WebSocketServer({ noServer: true }) // with the options of ws: perMessageDeflate, maxPayload, …

const server = await serve({
  port: 0,
  hostname: '127.0.0.1',
  http2: { enableConnectProtocol: true }, // offers WebSockets to HTTP/2 clients, too
  fetch: (_, context) =>
    isWebSocket(context)
      ? upgradeWebSocket(context, sockets, (socket) => talk(socket, context.httpVersion))
      : new Response(null, { status: 426, headers: { upgrade: 'websocket' } }),
})

function talk(socket: Talker, version: string): void {
  socket.on('error', () => {})
  socket.on('message', (data: Buffer) => socket.send(`${data.toString()} over HTTP/${version}`))
}
// #endregion server

// #region client
import { once } from 'node:events'
import { Client } from '@hyper/client'
import { webSocketConnection } from '@hyper/client/websocket'
import { WebSocket as WebSocketClient } from 'ws'

const client = new Client({ http2: { priorKnowledge: true } }) // over https, ALPN decides

for (const http2 of [false, true]) {
  const socket = new WebSocketClient(server.url.replace('http', 'ws'), {
    createConnection: webSocketConnection(client, { http2 }),
  })
  await once(socket, 'open')
  socket.send('hello')
  console.log(String((await once(socket, 'message'))[0]))
  socket.close(1000)
  await once(socket, 'close')
}
// #endregion client

// Any other client will do.
const other = new WebSocket(server.url.replace('http:', 'ws:'))
other.addEventListener('open', () => other.send('hi'))
other.addEventListener('message', ({ data }) => {
  console.log(data)
  other.close(1000)
})
await new Promise<void>((resolve) => {
  other.addEventListener('close', ({ code }) => {
    console.log('closed:', code)
    resolve()
  })
})
console.log((await fetch(server.url, { headers: { connection: 'close' } })).status)
await client.close()
await server.close({ deadline: 1_000 })
