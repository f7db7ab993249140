// What a client does: verbs, streaming bodies both ways, trailers, interim responses.
import { HttpResponse } from '@hyper/core/http'
import { serve } from '@hyper/server'
const server = await serve({
  port: 0,
  hostname: '127.0.0.1',
  service: async (request, exchange) => {
    exchange.informational(103, { link: '</a.css>; rel=preload' })
    if (request.method === 'GET')
      return new HttpResponse('Hello, World!', { headers: { 'x-served-by': 'guide' } })
    const text = await request.text()
    const trailers = (await request.trailers) ?? undefined
    const headers = { 'x-content-length': request.headers.get('content-length') ?? 'unknown' }
    return new HttpResponse(text.toUpperCase(), { headers, ...(trailers === undefined ? {} : { trailers }) })
  },
})
// #region get
import { Client } from '@hyper/client'

// #endregion get
const { url } = server
// #region get
const client = new Client({ headers: { 'user-agent': 'guide/1.0' } })
const response = await client.get(url)
console.log(response.status, response.headers.get('x-served-by'), await response.text())
// #endregion get

// #region post
const text = await client.post(url, { body: 'known length', headers: { 'content-type': 'text/plain' } })
console.log(text.headers.get('x-content-length'), await text.text())

async function* lines(): AsyncGenerator<string> {
  yield 'one line, '
  yield 'another line'
}
const streamed = await client.put(url, { body: lines() }) // pulled as fast as it is sent
console.log(streamed.headers.get('x-content-length'), await streamed.text())
// #endregion post

// #region forms
const json = await client.post(url, { json: { a: 1 } })
console.log(await json.text())

const fields = await client.post(url, { form: { name: 'value' } })
console.log(await fields.text())

const form = new FormData()
form.set('file', new File(['text'], 'a.txt'))
const files = await client.post(url, { body: form })
console.log((await files.text()).includes('A.TXT'))
// #endregion forms

// #region stream
let received = 0
const download = await client.get(url)
for await (const chunk of download.body) received += chunk.length // leaving the loop early cancels
console.log(received)
// #endregion stream

// #region trailers
const signed = await client.post(url, {
  headers: { te: 'trailers', connection: 'te' }, // we take trailers too (RFC 9110 §10.1.4)
  body: 'checked',
  trailers: () => ({ 'x-checksum': 'c0ffee' }), // called when the body has gone out
  onInformational: (status, headers) => console.log(status, headers.get('link')),
})
console.log(await signed.text(), (await signed.trailers)?.get('x-checksum'))
// #endregion trailers

// #region close
await client.close() // idle connections go at once, others when their answer is complete
// #endregion close
await server.close()
