// How a client connects, and connecting in parts: node connecting.ts CERT KEY, both PEM files, for the name example.test.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { serve } from '@hyper/server'

const [certFile = 'cert.pem', keyFile = 'key.pem'] = process.argv.slice(2)
const cert = readFileSync(certFile)
const server = await serve({
  port: 0,
  hostname: '127.0.0.1',
  tls: { cert, key: readFileSync(keyFile) },
  fetch: (request) => new Response(`${request.method} ${new URL(request.url).hostname}`),
})
const { port } = new URL(server.url)
const url = `https://example.test:${port}/`

// A proxy that takes everybody somewhere, and says so.
const proxy = createServer().on('connect', (request, socket) => {
  const [host] = (request.url ?? '').split(':')
  console.log('proxy:', host, request.headers['proxy-authorization'] ?? '')
  const there = connect(Number(port), '127.0.0.1', () => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    there.pipe(socket).pipe(there)
  })
})
await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
const proxyPort = (proxy.address() as AddressInfo).port

// #region client
import { Client } from '@hyper/client'
import { nodeConnector } from '@hyper/util/node'

const connector = nodeConnector({
  overrides: { 'example.test': '127.0.0.1' }, // said rather than looked up
  tcp: { keepAlive: 30_000, localAddress: '127.0.0.1' },
  tls: { ca: cert, minVersion: 'TLSv1.3' },
})
const client = new Client({ connector })
console.log(await (await client.get(url)).text())
// #endregion client

// #region alone
import { Extensions } from '@hyper/core/http'
import { CONNECT_TIMINGS, destinationOf, TLS_INFO } from '@hyper/util/connect'

const info = new Extensions()
const signal = AbortSignal.timeout(5_000) // over everything: the name, the race, proxies, TLS
const io = await connector(destinationOf(new URL(url)), { signal, info })
console.log(io.peer.remoteAddress, io.peer.encrypted)
console.log(info.get(TLS_INFO)?.protocol, info.get(TLS_INFO)?.isResumed, info.get(CONNECT_TIMINGS)?.dnsMs)
// #endregion alone
io.abort()

// #region proxy
const tunnelled = new Client({ ca: cert, proxy: `http://me:secret@127.0.0.1:${proxyPort}` })
console.log(await (await tunnelled.get(url)).text())
// #endregion proxy

// #region rules
import { ProxyRules } from '@hyper/util/connect'

const rules = new ProxyRules({
  all: 'http://proxy.example:3128',
  https: 'socks5h://127.0.0.1:9050',
  no: 'localhost, .internal, 10.0.0.0/8, [fd00::1]:8080',
})
for (const text of [
  'https://example.org/',
  'http://example.org/',
  'http://db.internal/',
  'http://10.1.2.3/',
]) {
  console.log(text, rules.find(destinationOf(new URL(text)))?.url ?? 'directly')
}
const byRules = new Client({ proxy: rules })
// #endregion rules

// #region resolver
import { cachedResolver, type Resolver } from '@hyper/util/connect'
import { nodeResolver, nodeRuntime } from '@hyper/util/node'

const dns = cachedResolver(nodeResolver({ from: 'dns' }), { runtime: nodeRuntime, maxTtl: 60_000 })
const inventory: Resolver = {
  async resolve(host, aborted) {
    if (host !== 'example.test') return dns.resolve(host, aborted)
    return [{ address: '127.0.0.1', family: 4, port: Number(port) }] // used when the URL names no port
  },
}
const found = new Client({ connector: nodeConnector({ resolver: inventory, tls: { ca: cert } }) })
console.log(await (await found.get('https://example.test/')).text())
// #endregion resolver

// #region layers
import { type ConnectLayer, httpTunnel, PROXY } from '@hyper/util/connect'
import { nodeSecure } from '@hyper/util/node'

const told: ConnectLayer = (inner) => async (destination, context) => {
  const stream = await inner(destination, context)
  console.log(destination.authority.split(':')[0], context.info.has(PROXY))
  return stream
}
const secure = nodeSecure({ ca: cert })
const tunnel = httpTunnel(`http://127.0.0.1:${proxyPort}`, { runtime: nodeRuntime, secure })
const layered = new Client({ connector: told(tunnel(nodeConnector())) })
console.log(await (await layered.get(url)).text())
// #endregion layers

for (const made of [client, tunnelled, byRules, found, layered]) made.abort()
await server.close({ deadline: 0 })
proxy.close()
proxy.closeAllConnections()
