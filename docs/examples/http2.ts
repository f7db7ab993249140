// HTTP/2 over any byte stream: many requests at once, trailers, interim responses, priorities, errors, a graceful end.
// #region many
import { setTimeout as sleep } from 'node:timers/promises'
// #endregion many
// #region serve
import { h2, HttpResponse } from '@hyper/core'
import type { Service } from '@hyper/core/service'
import { connectTcp, listen, nodeRuntime } from '@hyper/util/node'

const routes: Record<string, Service> = {
  '/echo': async (request) => new HttpResponse(`${request.version} ${await request.text()}`),
}
const service: Service = (request, exchange) =>
  routes[request.target]?.(request, exchange) ?? new HttpResponse(null, { status: 404 })

const options: h2.ServeOptions = { runtime: nodeRuntime, maxConcurrentStreams: 10 }
const ends: Promise<void>[] = []
const listener = listen({ port: 0, hostname: '127.0.0.1' }, (io) => {
  const serving = h2.serveConnection(io, service, options)
  ends.push(serving.closed.then(({ error, reasons }) => console.log('ended:', error, ...reasons)))
})
await listener.ready
// #endregion serve

// #region handshake
import { HttpRequest } from '@hyper/core/http'

const io = await connectTcp({ host: '127.0.0.1', port: listener.address?.port ?? 0 })
const { sender, connection } = h2.handshake(io, { runtime: nodeRuntime })
const response = await sender.send(new HttpRequest('POST', 'http://example.org/echo', { body: 'hello' }))
console.log(response.status, await response.text())
// #endregion handshake

// #region many
routes['/item'] = async () => {
  await sleep(5)
  return new HttpResponse('item')
}

function get(path: string, headers: Record<string, string> = {}): Promise<HttpResponse> {
  return sender.send(new HttpRequest('GET', path, { headers: { host: 'example.org', ...headers } }))
}

async function getAll(paths: readonly string[]): Promise<string[]> {
  const texts: Promise<string>[] = []
  for (const path of paths) {
    await sender.ready() // a free place; it is ours until the end of this turn
    texts.push(get(path).then((answer) => answer.text()))
  }
  return Promise.all(texts)
}

const answers = await getAll(Array.from({ length: 25 }, () => '/item'))
console.log(answers.length, 'answers, and as many requests may be sent now:', sender.capacity)
// #endregion many

// #region trailers
routes['/signed'] = async (request, exchange) => {
  exchange.informational(103, { link: '</style.css>; rel=preload' })
  const text = await request.text()
  const sum = (await request.trailers)?.get('x-sum') ?? 'none'
  return new HttpResponse(text, { trailers: { 'x-seen': sum } })
}
const upload = new HttpRequest('POST', '/signed', {
  headers: { host: 'example.org' },
  body: 'data',
  trailers: { 'x-sum': '42' },
})
const signed = await sender.send(upload, {
  onInformational: (status, headers) => console.log(status, headers.get('link')),
})
console.log(await signed.text(), (await signed.trailers)?.get('x-seen'))
// #endregion trailers

// #region priority
routes['/large'] = () => new HttpResponse('x'.repeat(500_000))

const order: string[] = []
const priorities = ['u=5', 'u=0', 'u=3, i']
await Promise.all(
  priorities.map(async (priority) => {
    await (await get('/large', { priority })).bytes()
    order.push(priority)
  }),
)
console.log(order.join(' | ')) // the most urgent is complete first, whatever was asked for first
// #endregion priority

// #region errors
import { HyperError } from '@hyper/core/error'

async function* failing(): AsyncGenerator<string> {
  yield 'the first part'
  throw new HyperError('CANCELED', 'the source is gone', { by: 'user', reason: 'CONNECT_ERROR' })
}
routes['/broken'] = () => new HttpResponse(failing()) // the head is out when the body fails

const broken = await get('/broken')
try {
  await broken.text()
} catch (error) {
  if (!(error instanceof HyperError)) throw error
  console.log(broken.status, error.code, error.reason, error.retryable)
}
// #endregion errors

// #region cancel
routes['/wait'] = (_request, exchange) =>
  new Promise((_resolve, reject) => {
    exchange.onCancel((reason) => {
      console.log('the client has gone:', reason.code, reason.reason)
      reject(reason)
    })
  })

const request = new HttpRequest('GET', '/wait', { headers: { host: 'example.org' } })
const pending = sender.send(request, { signal: AbortSignal.timeout(1_000) })
await pending.catch((error: HyperError) => console.log(error.code)) // one stream is reset, and no more
// #endregion cancel
// An answer to what was asked behind it: the reset has been read.
await (await get('/echo')).text()

// #region shutdown
routes['/last'] = async () => {
  await sleep(20)
  return new HttpResponse('the last answer')
}

const last = get('/last')
connection.gracefulShutdown() // no new requests; what runs is finished
await get('/echo').catch((error: HyperError) => console.log(error.code, error.retryable))
console.log(await (await last).text())
await connection.closed
// #endregion shutdown
await listener.close()
await Promise.all(ends)
