// Node's own fetch on this engine: installed, handed over for one request, and put back.
import { HttpResponse } from '@hyper/core/http'
import { serve } from '@hyper/server'
const server = await serve({
  port: 0,
  hostname: '127.0.0.1',
  service: (request) =>
    request.target === '/never' ? new Promise<HttpResponse>(() => {}) : new HttpResponse('hello'),
})
const { url } = server

// #region install
import { install } from '@hyper/client/undici'

const installation = install({ client: { timeouts: { connect: 2_000, headers: 1_000 } } })
console.log(await (await fetch(url)).text(), installation.dispatcher.closed)
// #endregion install

// #region errors
try {
  await fetch(new URL('/never', url))
} catch (error) {
  const { cause } = error as { cause: { code: string; phase: string; message: string } }
  console.log(cause.code, cause.phase)
}
// #endregion errors

// #region uninstall
installation.uninstall() // what was there before is there again
await installation.dispatcher.close()
// #endregion uninstall

// #region one
import { Client } from '@hyper/client'
import { toDispatcher } from '@hyper/client/undici'

const client = new Client()
const dispatcher = toDispatcher(client) // on the connections of this client
const response = await fetch(url, { dispatcher } as RequestInit)
console.log(response.status, await response.text(), client.stats().dials)
// #endregion one

await client.close()
await server.close()
