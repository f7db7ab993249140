// Closing a server: what runs is finished, what is idle goes soon, and a deadline ends the rest.
// #region close
import { setTimeout as sleep } from 'node:timers/promises'
import { serve } from '@hyper/server'

const begun = Promise.withResolvers<void>()
const server = await serve({
  port: 0,
  hostname: '127.0.0.1',
  async fetch() {
    begun.resolve()
    await sleep(50)
    return new Response('done')
  },
})

const stop = (): void => void server.close({ deadline: 10_000 })
process.once('SIGTERM', stop)
// #endregion close
process.off('SIGTERM', stop)

// #region under-way
import { Client } from '@hyper/client'

const client = new Client()
const answer = client.get(server.url)
await begun.promise

stop()
console.log('connections that still run:', server.connections) // 1
const response = await answer // nothing is lost
console.log(response.headers.get('connection'), await response.text()) // close done
await server.closed
console.log('connections:', server.connections) // 0
// #endregion under-way
await client.close()

// #region dispose
{
  await using scoped = await serve({ port: 0, fetch: () => new Response('short-lived') })
  console.log(await (await fetch(scoped.url, { headers: { connection: 'close' } })).text())
}
// #endregion dispose
