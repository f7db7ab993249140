// Trailers both ways, and interim responses.
// #region server
import { createHash } from 'node:crypto'
import { HttpResponse } from '@hyper/core/http'
import type { Service } from '@hyper/core/service'
import { serve } from '@hyper/server'

const service: Service = async (request, exchange) => {
  exchange.informational(103, { link: '</a.css>; rel=preload' })
  const text = await request.text()
  const received = (await request.trailers)?.get('x-count') ?? 'none'
  const hash = createHash('sha256')
  async function* hashed(): AsyncGenerator<string> {
    for (const piece of [text, '!']) {
      hash.update(piece)
      yield piece
    }
  }
  return new HttpResponse(hashed(), {
    headers: { 'x-received': received },
    trailers: () => ({ 'x-sha256': hash.digest('hex').slice(0, 8) }), // after the last byte
  })
}

const server = await serve({ port: 0, hostname: '127.0.0.1', service })
// #endregion server

// #region client
import { Client } from '@hyper/client'

const client = new Client()
const response = await client.post(server.url, {
  headers: { te: 'trailers', connection: 'te' }, // without it, an HTTP/1.1 server leaves trailers out
  body: 'counted',
  trailers: { 'x-count': '7' },
  onInformational: (status, headers) => console.log(status, headers.get('link')),
})
console.log(response.headers.get('x-received'), await response.text())
console.log((await response.trailers)?.get('x-sha256'))
// #endregion client

// #region frames
const again = await client.post(server.url, { headers: { te: 'trailers', connection: 'te' }, body: 'a' })
for await (const frame of again.body.frames()) {
  console.log(frame.type, frame.type === 'data' ? frame.data.length : frame.trailers.size)
}
// #endregion frames
const plain = await client.post(server.url, { body: 'a' })
console.log(await plain.text(), await plain.trailers)
await client.close()
await server.close()
