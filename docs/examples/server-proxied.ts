// A server behind a proxy that speaks the PROXY protocol.
// #region proxied
import { serve } from '@hyper/server'

const server = await serve({
  port: 0,
  hostname: '127.0.0.1',
  proxyProtocol: { trusted: ['127.0.0.1', '10.0.0.0/8', 'fd00::/8'] },
  fetch: (_request, context) => new Response(`${context.remoteAddress} asks`),
})
// #endregion proxied

// What the proxy sends.
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'

const socket = connect(server.port, '127.0.0.1')
socket.write('PROXY TCP4 192.0.2.1 198.51.100.2 4242 443\r\n')
socket.write('GET / HTTP/1.1\r\nhost: a.example\r\nconnection: close\r\n\r\n')
const answer = await text(socket)
console.log(answer.slice(answer.indexOf('\r\n\r\n') + 4))
await server.close()
