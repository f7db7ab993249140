// Shedding load: a busy server refuses what comes, finishes what runs, and serves again.
// #region busy
import { Client } from '@hyper/client'
import { Response, serve } from '@hyper/server'

const begun = Promise.withResolvers<void>()
const released = Promise.withResolvers<void>()
const server = await serve({
  port: 0,
  hostname: '127.0.0.1',
  async fetch(request) {
    if (new URL(request.url).pathname !== '/slow') return new Response('quick')
    begun.resolve()
    await released.promise
    return new Response('slow, and in full')
  },
})
const client = new Client()
const slow = client.get(`${server.url}slow`)
await begun.promise

server.busy = true // while memory is short, say, or the event loop late
const refused = await client.get(server.url)
console.log(refused.status, refused.headers.get('connection')) // 503 close
released.resolve()
console.log(await (await slow).text()) // what ran is finished
server.busy = false
console.log(await (await client.get(server.url)).text()) // quick
// #endregion busy
await client.close()
await server.close()
