// Tunnels of every kind by one handler: that of the TC55 Fetch Server draft.
// #region handler
import { type ConnectContext, type FetchContext, FALLTHROUGH, PROTOCOL, serve } from '@hyper/server'

const server = await serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch: {
    [PROTOCOL]: 1,
    fetch: (context: FetchContext) => new Response(`${context.request.method}, and no tunnel`),
    async connect(context: ConnectContext) {
      // Null is a plain CONNECT; else what an extended CONNECT is for, or the first protocol of Upgrade.
      if (context.connectProtocol === null) return new Response(null, { status: 403 })
      if (context.connectProtocol !== 'shout') {
        context.deny(FALLTHROUGH) // fetch answers
        return undefined
      }
      const tunnel = await context.accept() // 101 over HTTP/1, 200 over HTTP/2
      await tunnel.readable.pipeThrough(louder()).pipeTo(tunnel.writable)
      return undefined
    },
  },
})

function louder(): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream({
    transform: (bytes, controller) => controller.enqueue(bytes.map((byte) => (byte > 96 ? byte - 32 : byte))),
  })
}
// #endregion handler

// #region ask
import { Client } from '@hyper/client'

const client = new Client({ http2: { priorKnowledge: true } })
for (const http2 of [false, true]) {
  const { duplex, response } = await client
    .upgrade(server.url, { protocol: 'shout', http2 })
    .then((upgraded) => ({
      duplex: upgraded.duplex(),
      response: upgraded.response,
    }))
  duplex.end('hello')
  let text = ''
  for await (const chunk of duplex) text += String(chunk)
  console.log(response.status, text)
}
// #endregion ask
const declined = await client.get(server.url, { headers: { connection: 'upgrade', upgrade: 'whisper' } })
console.log(declined.status, await declined.text())
await client.close()
await server.close({ deadline: 1_000 })
