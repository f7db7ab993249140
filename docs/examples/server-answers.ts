// What handlers answer with: JSON, redirects, files, events that come with time, errors.
// #region answers
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { Response, serve } from '@hyper/server'

const server = await serve({
  port: 0,
  hostname: '127.0.0.1',
  async fetch(request) {
    const { pathname } = new URL(request.url)
    if (pathname === '/sum' && request.method === 'POST') return sum(request)
    if (pathname === '/old') return new Response(null, { status: 301, headers: { location: '/sum' } })
    if (pathname === '/file') return file(import.meta.filename)
    if (pathname === '/events') {
      return new Response(events(request.signal), { headers: { 'content-type': 'text/event-stream' } })
    }
    return new Response('not here\n', { status: 404 })
  },
})

async function sum(request: Request): Promise<Response> {
  const numbers: unknown = await request.json().catch(() => null)
  if (!Array.isArray(numbers)) return new Response('an array, please\n', { status: 400 })
  return Response.json({ sum: numbers.reduce((a: number, b: unknown) => a + Number(b), 0) })
}

async function file(path: string): Promise<Response> {
  const { size } = await stat(path)
  const headers = { 'content-type': 'text/plain', 'content-length': String(size) }
  return new Response(createReadStream(path), { headers }) // read no faster than the client takes it
}

async function* events(signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for (let n = 1; n <= 3 && !signal.aborted; n++) {
    yield Buffer.from(`data: ${n}\n\n`) // goes out at once
    await sleep(10)
  }
}
// #endregion answers

import { Client } from '@hyper/client'
const client = new Client()
const { url } = server
for (const body of ['[1,2,3]', 'nonsense']) {
  const answer = await client.post(`${url}sum`, { body })
  console.log(answer.status, (await answer.text()).trim())
}
const moved = await client.get(`${url}old`, { redirect: 'manual' })
console.log(moved.status, moved.headers.get('location'), await moved.text())
const head = await client.head(`${url}file`)
const got = await client.get(`${url}file`)
const { size } = await stat(import.meta.filename)
console.log(
  'of the size said:',
  Number(head.headers.get('content-length')) === size,
  (await got.bytes()).length === size,
)
console.log(JSON.stringify(await (await client.get(`${url}events`)).text()))
await client.close()
await server.close()
