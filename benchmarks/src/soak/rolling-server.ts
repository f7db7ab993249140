// A server of two processes on one port, for rolling-restart.ts. It prints its port; each `restart` on stdin is a rolling one,
// answered by a line with the codes that the old processes have ended with. It ends with stdin. In: milliseconds of grace.
import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { serve } from '@hyper/server'

if (cluster.isPrimary) await primary()
else await worker()

async function primary(): Promise<void> {
  cluster.on('exit', (_, code) => {
    if (code !== 0) process.exit(1)
  })
  const { port } = await start()
  await start()
  console.log(port)
  for await (const line of createInterface({ input: process.stdin })) {
    if (line !== 'restart') continue
    const old = workers()
    const exits: string[] = []
    for (const one of old) {
      await start()
      one.process.kill('SIGTERM')
      const [code, signal] = (await once(one, 'exit')) as [number | null, string | null]
      exits.push(signal ?? String(code))
    }
    console.log(exits.join(' '))
  }
  for (const one of workers()) one.process.kill('SIGTERM')
}

function workers(): Worker[] {
  return Object.values(cluster.workers ?? {}).filter((one) => one !== undefined)
}

async function start(): Promise<AddressInfo> {
  const [address] = (await once(cluster.fork(), 'listening')) as [AddressInfo]
  return address
}

async function worker(): Promise<void> {
  await serve({
    port: 0, // the same for all workers
    hostname: '127.0.0.1',
    signals: { grace: Number(process.argv[2] ?? 500) },
    fetch: async (request) => {
      if (request.method !== 'POST') return new Response('hello')
      return new Response(await request.text())
    },
  })
}
