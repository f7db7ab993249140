// A server that signals close, and a route that says whether it wants requests.
// #region signals
import { serve } from '@hyper/server'

const server = await serve({
  port: 0,
  hostname: '127.0.0.1',
  // Not ready for 100 ms; then it drains. A second signal ends everything at once.
  signals: { names: ['SIGTERM', 'SIGINT'], delay: 100, deadline: 10_000 },
  fetch(request) {
    if (new URL(request.url).pathname !== '/ready') return new Response('hello')
    return new Response(null, { status: server.ready ? 200 : 503 })
  },
})
// #endregion signals

const probe = async (): Promise<number> => (await fetch(`${server.url}ready`)).status
console.log(await probe())
process.emit('SIGTERM')
console.log(await probe())
await server.closed
