// What can go wrong for a client, as codes: timeouts, an abort, a refused connection, a limit.
import { setTimeout as sleep } from 'node:timers/promises'
import { HttpResponse } from '@hyper/core/http'
import { serve } from '@hyper/server'
const server = await serve({
  port: 0,
  hostname: '127.0.0.1',
  service: async (request, exchange) => {
    const stop = new AbortController()
    exchange.onCancel(() => stop.abort())
    if (request.target === '/slow') await sleep(60_000, null, { signal: stop.signal }).catch(() => {})
    return new HttpResponse('a'.repeat(1000))
  },
})
const { url } = server

// #region errors
import { Client, HyperError } from '@hyper/client'

const client = new Client({ timeouts: { connect: 2_000, headers: 1_000 } })

async function attempt(work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof HyperError)) throw error
    console.log(error.code, error.phase, error.by, error.retryable, error.isTimeout())
  }
}

await attempt(() => client.get(`${url}slow`)) // nobody answers in time
await attempt(() => client.get(url, { signal: AbortSignal.abort() })) // given up before it began
await attempt(() => client.get('http://127.0.0.1:1/')) // nobody listens
await attempt(() => client.get('ftp://127.0.0.1/')) // not something that can be asked for
await attempt(async () => {
  const response = await client.get(url)
  await response.body.collect({ limit: 10 }) // more than we want to hold
})
// #endregion errors
client.abort()
await server.close({ deadline: 0 })
