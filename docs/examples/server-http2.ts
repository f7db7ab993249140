// HTTP/1.1 and HTTP/2 on one port, by the same handler: a client of node:http2, and the platform's fetch.
import { once } from 'node:events'
import { connect } from 'node:http2'

// #region serve
import { Response, serve } from '@hyper/server'

const server = await serve({
  port: 0,
  hostname: '127.0.0.1',
  async fetch(request, context) {
    const text = await request.text()
    context.sendInformational(103, { link: '</style.css>; rel=preload' })
    context.trailers({ 'x-length': String(text.length) })
    return new Response(`${new URL(request.url).pathname} by HTTP/${context.httpVersion}`)
  },
  limits: { maxConcurrentStreams: 250 },
  http2: { keepAliveInterval: 60_000 }, // what HTTP/2 alone has; `false` serves HTTP/1 alone
})
// #endregion serve

const session = connect(server.url)
const stream = session.request({ ':path': '/two', ':method': 'POST' })
stream.on('headers', (fields) => console.log(fields[':status'], fields['link']))
stream.on('trailers', (fields) => console.log('x-length', fields['x-length']))
stream.end('hello')
console.log((await stream.setEncoding('utf8').toArray()).join(''))

const response = await fetch(`${server.url}one`, { method: 'POST', body: 'hello' })
console.log(await response.text())

const goaway = once(session, 'goaway')
await server.close({ deadline: 10_000 })
console.log('GOAWAY', (await goaway)[0])
