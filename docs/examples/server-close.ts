// Closing a server: what runs is finished, what is idle goes at once, and a deadline ends the rest.
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from '@hyper/client'
import { HttpResponse } from '@hyper/core/http'
import { serve } from '@hyper/server'

let begun = (): void => {}
const running = new Promise<void>((resolve) => (begun = resolve))
const server = await serve({
  port: 0,
  hostname: '127.0.0.1',
  service: async () => {
    begun()
    await sleep(50)
    return new HttpResponse('done')
  },
})
const client = new Client()
const answer = client.get(server.url)
await running

// #region close
const closed = server.close({ deadline: 10_000 }) // in a program: on SIGTERM
console.log('connections that still run:', server.connections)
const response = await answer // nothing is lost
console.log(response.headers.get('connection'), await response.text())
await closed
console.log('connections:', server.connections)
// #endregion close
await client.close()

// #region dispose
{
  await using scoped = await serve({ port: 0, fetch: () => new Response('short-lived') })
  console.log(await (await fetch(scoped.url, { headers: { connection: 'close' } })).text())
}
// #endregion dispose
