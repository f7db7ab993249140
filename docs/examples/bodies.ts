// Bodies: made, streamed, held back, read, counted, given up.
// #region read
import { Client } from '@hyper/client'

// #endregion read
// #region make
import { HttpResponse } from '@hyper/core/http'
import type { Service } from '@hyper/core/service'
import { serve } from '@hyper/server'
import { channel, fromIterable, jsonLines } from '@hyper/util/body'

async function* numbers(): AsyncGenerator<string> {
  for (let i = 1; i <= 3; i++) yield `${i}\n`
}

const routes: Record<string, Service> = {
  '/text': () => new HttpResponse('known at once'), // one write, with content-length
  '/stream': () => new HttpResponse(numbers()), // chunked
  '/sized': () => new HttpResponse(fromIterable(['12', '345'], { length: 5 })), // content-length: 5
  '/rows': () => new HttpResponse(jsonLines([{ id: 1 }, { id: 2 }])),
}

const server = await serve({
  port: 0,
  hostname: '127.0.0.1',
  service: (request, exchange) =>
    routes[request.target]?.(request, exchange) ?? new HttpResponse(null, { status: 404 }),
})
// #endregion make

// #region channel
routes['/channel'] = (_request, exchange) => {
  const { sender, body } = channel({ capacity: 4 })
  void write()
  async function write(): Promise<void> {
    for (let i = 0; i < 1_000 && exchange.cancelled === null; i++) {
      await sender.send('x'.repeat(1_000)) // waits while the reader is behind
    }
    sender.end()
  }
  return new HttpResponse(body)
}
// #endregion channel

// #region sink
routes['/count'] = (request) =>
  new Promise((resolve, reject) => {
    let bytes = 0
    const { body } = request
    body.start({
      onData(chunk) {
        bytes += chunk.length
        body.pause() // no more of it, until the disk has this one
        setImmediate(() => body.resume())
      },
      onTrailers() {},
      onEnd: () => resolve(new HttpResponse(`${bytes} bytes`)),
      onError: reject,
    })
  })
// #endregion sink

// #region read
const client = new Client()
// #endregion read
for (const path of ['text', 'stream', 'sized', 'rows']) {
  const response = await client.get(server.url + path)
  const framing = response.headers.get('content-length') ?? response.headers.get('transfer-encoding')
  console.log(path, framing, JSON.stringify(await response.text()))
}
console.log(await (await client.post(`${server.url}count`, { body: new Uint8Array(300_000) })).text())

// #region read
const response = await client.get(`${server.url}channel`)
console.log('upper:', response.body.sizeHint.upper) // null: nobody knows the length
let taken = 0
for await (const chunk of response.body) {
  taken += chunk.length
  if (taken > 10_000) break // leaving the loop cancels the body; the server hears of it
}
console.log('used:', response.body.used)

const text = await client.get(`${server.url}text`)
const small = await text.body.collect({ limit: 1_000 }) // BODY_TOO_LARGE beyond it
console.log(small.length, small.text(), small.trailers)
// #endregion read
await client.close()
await server.close()

// #region streams
import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { Body } from '@hyper/core/body'
import { fromReadableStream, toReadableStream } from '@hyper/util/web'

await pipeline(Body.from('to a file\n'), createWriteStream('/dev/null')) // a body is an async iterable
const web = toReadableStream(Body.from('as a web stream'))
const body = fromReadableStream(new Blob(['from a blob']).stream())
// #endregion streams
console.log(await new Response(web).text(), '|', await body.text())
