// The demo: a real server and a real client in one process, over real sockets of 127.0.0.1. Prints what happens and what it shows.
// Exit code: 0 only when every step went as it should.
import { Client } from '@hyper/client'
import type { Service } from '@hyper/core/service'
import { serve } from '@hyper/server'
import { Page } from './demo/page.ts'
import { STEPS, type Stage } from './demo/steps.ts'
import { referenceService } from './reference/service.ts'

process.exitCode = await main()

async function main(): Promise<number> {
  const startedAt = performance.now()
  const seen: string[] = []
  const service: Service = (request, exchange) => {
    seen.push(`${request.method} ${request.target}`)
    return referenceService(request, exchange)
  }
  const server = await serve({ hostname: '127.0.0.1', port: 0, service })
  const client = new Client()
  const page = new Page(process.stdout)
  const stage: Stage = { page, client, server, origin: server.url.replace(/\/$/, ''), seen }
  page.title(
    'hyper for JavaScript',
    `HTTP/1.1 end to end, on ${server.url} (Node ${process.versions.node}, no native code)`,
  )
  try {
    for (const step of STEPS) await step(stage)
    await client.close()
    const took = ((performance.now() - startedAt) / 1_000).toFixed(1)
    page.end(true, `${STEPS.length} steps, ${seen.length.toLocaleString('en')} requests, ${took} s`)
    return 0
  } catch (error) {
    page.end(false, error instanceof Error ? error.message : String(error))
    client.abort()
    await server.close({ deadline: 0 })
    return 1
  }
}
