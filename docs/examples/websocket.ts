// A WebSocket on a fetch handler: the handshake is ours, the frames belong to a library.
// #region handshake
import { createHash } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { Response, serve } from '@hyper/server'
import { duplexFrom } from '@hyper/util/node'

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11' // RFC 6455 §4.2.2

const server = await serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch(request, context) {
    const key = request.headers.get('sec-websocket-key')
    if (key === null) return new Response(null, { status: 426, headers: { upgrade: 'websocket' } })
    const accept = createHash('sha1').update(`${key}${GUID}`).digest('base64')
    const { response, parts } = context.upgrade({ 'sec-websocket-accept': accept })
    parts.then(
      ({ io, leftover }) => talk(duplexFrom(io, leftover)),
      (error: unknown) => console.log('no upgrade:', error),
    )
    return response // 101, with `connection` and `upgrade`
  },
})

function talk(socket: Duplex): void {
  // With ws: new WebSocket(null, undefined, {}).setSocket(socket, Buffer.alloc(0), { maxPayload: 1_048_576 })
  socket.on('error', () => {})
  socket.write(Buffer.from([0x81, 2, 0x68, 0x69])) // one frame of text: hi
  socket.end(Buffer.from([0x88, 2, 0x03, 0xe8])) // close, 1000
}
// #endregion handshake

const socket = new WebSocket(server.url.replace('http:', 'ws:'))
socket.addEventListener('message', ({ data }) => console.log('message:', data))
await new Promise<void>((resolve) => {
  socket.addEventListener('close', ({ code }) => {
    console.log('closed:', code)
    resolve()
  })
})
console.log((await fetch(server.url, { headers: { connection: 'close' } })).status)
await server.close({ deadline: 1_000 })
