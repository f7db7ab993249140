// HTTP/1.1 and HTTP/2 on one port, and a client that takes what ALPN gives: node http2-port.ts CERT KEY, both PEM files.
// #region auto
import { readFileSync } from 'node:fs'
import { HttpResponse } from '@hyper/core/http'
import { listen, nodeRuntime } from '@hyper/util/node'
import { serveAuto, type AutoOptions } from '@hyper/util/server'

const [certFile = 'cert.pem', keyFile = 'key.pem'] = process.argv.slice(2)
const options: AutoOptions = { runtime: nodeRuntime, http1: { maxHeaders: 50 }, http2: { maxHeaders: 50 } }
const tls = { cert: readFileSync(certFile), key: readFileSync(keyFile), alpn: ['h2', 'http/1.1'] }
const listener = listen({ port: 0, hostname: 'localhost', tls }, (io) => {
  serveAuto(io, (request) => new HttpResponse(`HTTP/${request.version} by ${io.peer.alpnProtocol}`), options)
})
await listener.ready
// #endregion auto

// #region client
import { h1, h2, HttpRequest } from '@hyper/core'
import { connectTcp } from '@hyper/util/node'

async function ask(port: number, alpn: readonly string[]): Promise<string> {
  const io = await connectTcp({ host: 'localhost', port, tls: { ca: tls.cert, alpn } })
  const isH2 = io.peer.alpnProtocol === 'h2'
  const { sender, connection } = (isH2 ? h2 : h1).handshake(io, { runtime: nodeRuntime })
  const response = await sender.send(new HttpRequest('GET', '/', { headers: { host: 'localhost' } }))
  const text = await response.text()
  connection.gracefulShutdown()
  return text
}
// #endregion client
const port = listener.address?.port ?? 0
console.log(await ask(port, ['h2', 'http/1.1']))
console.log(await ask(port, ['http/1.1']))
await listener.close()
