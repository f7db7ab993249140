// fetch over a client: drop-in, streams both ways, forms, what the standard lacks, and errors that say what happened.
import { HeaderMap, HttpResponse } from '@hyper/core/http'
import { serve } from '@hyper/server'
const server = await serve({
  port: 0,
  hostname: '127.0.0.1',
  service: async (request, exchange) => {
    if (request.target === '/never') return new Promise<HttpResponse>(() => {})
    exchange.informational(103, { link: '</a.css>; rel=preload' })
    const type = request.headers.get('content-type') ?? 'none'
    const text = await request.text()
    return new HttpResponse(
      JSON.stringify({ method: request.method, type: type.split(';')[0], size: text.length }),
      {
        headers: { 'content-type': 'application/json', 'set-cookie': 'a=b' },
        trailers: new HeaderMap([['x-checksum', 'c0ffee']]),
      },
    )
  },
})
const { url } = server

// #region fetch
import { fetch } from '@hyper/client'

const response = await fetch(url)
console.log(
  response instanceof Response,
  response.status,
  response.headers.getSetCookie(),
  await response.json(),
)
// #endregion fetch

// #region client
import { Client } from '@hyper/client'

const client = new Client({ headers: { 'user-agent': 'guide/1.0' }, timeouts: { connect: 2_000 } })
const sdk = { fetch: client.fetch } // needs no `this`: hand it to whatever takes a fetch
console.log((await sdk.fetch(url, { method: 'HEAD' })).status)
// #endregion client

// #region bodies
const form = new FormData()
form.append('note', 'a file follows')
form.append('file', new File(['content'], 'note.txt', { type: 'text/plain' }))
const posted = await client.fetch(url, { method: 'POST', body: form }) // with a length: nothing is buffered
console.log(((await posted.json()) as { type: string }).type)

const stream = new Blob(['as fast as it is taken']).stream()
const streamed = await client.fetch(url, { method: 'PUT', body: stream, duplex: 'half' })
for await (const chunk of streamed.body ?? []) console.log(new TextDecoder().decode(chunk))
// #endregion bodies

// #region more
const more = await client.fetch(url, {
  headers: { te: 'trailers' },
  timeouts: { headers: 5_000 },
  onInformational: (status, headers) => console.log(status, headers.get('link')),
})
await more.text()
console.log((await more.trailers)?.get('x-checksum'))
// #endregion more

// #region errors
import { FetchError } from '@hyper/client'

async function attempt(work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (error instanceof FetchError)
      console.log(error instanceof TypeError, error.code, error.phase, error.retryable)
    else console.log(error instanceof TypeError, (error as Error).name)
  }
}

await attempt(() => client.fetch('http://127.0.0.1:2/')) // nobody listens
await attempt(() => client.fetch(`${url}never`, { timeouts: { headers: 100 } })) // nobody answers in time
await attempt(() => client.fetch(`${url}never`, { signal: AbortSignal.timeout(20) })) // given up
await attempt(() => client.fetch(url, { body: 'a GET has none' })) // cannot be asked for
// #endregion errors
client.abort()
await server.close({ deadline: 0 })
