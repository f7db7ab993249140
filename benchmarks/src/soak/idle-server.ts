// A server by serve(), as it comes, for idle-connections.ts. It prints its port, and how many connections it has for each line
// that it gets; `gc` collects garbage first. It ends with stdin.
import { createInterface } from 'node:readline'
import { serve } from '@hyper/server'

const server = await serve({ hostname: '127.0.0.1', backlog: 4_096, fetch: () => new Response('hello') })
console.log(server.port)
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'gc') globalThis.gc?.()
  console.log(server.connections)
}
await server.close({ deadline: 0 })
