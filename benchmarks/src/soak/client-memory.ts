// What a million requests leave behind in a client: bodies that nobody reads, small and large, and one AbortSignal for all.
// In: how many, by default 1,000,000, and how many at a time, by default 50. Out: a table of heap and resident memory, the
// listeners that are left on the signal, and the connections; and an exit code of 1 when something is not flat. Run by
//   node --expose-gc --conditions source benchmarks/src/soak/client-memory.ts [count] [width]
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { Client } from '@hyper/client'

const count = Number(process.argv[2] ?? 1_000_000)
const width = Number(process.argv[3] ?? 50)
const { gc } = globalThis
if (gc === undefined) throw new Error('run with --expose-gc')

/** Answers every request with a body of so many bytes. */
async function serverOf(size: number): Promise<{ server: Server; url: string }> {
  const answer = Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n${'x'.repeat(size)}`)
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      for (let at = chunk.indexOf('\r\n\r\n'); at >= 0; at = chunk.indexOf('\r\n\r\n', at + 4))
        socket.write(answer)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }
}

async function many(times: number, work: () => Promise<unknown>): Promise<void> {
  let left = times
  const loop = async (): Promise<void> => {
    while (left-- > 0) await work()
  }
  await Promise.all(Array.from({ length: width }, loop))
}

async function heap(): Promise<number> {
  for (let i = 0; i < 5; i++) {
    gc!()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return process.memoryUsage().heapUsed
}

/** Heap that each request leaves behind, in bytes. */
async function left(times: number, work: () => Promise<unknown>): Promise<number> {
  await many(Math.ceil(times / 20), work)
  const before = await heap()
  await many(times, work)
  return ((await heap()) - before) / times
}

const { signal } = new AbortController()
let listeners = 0
const add = signal.addEventListener.bind(signal)
const remove = signal.removeEventListener.bind(signal)
signal.addEventListener = (...args: Parameters<typeof add>): void => {
  listeners++
  add(...args)
}
signal.removeEventListener = (...args: Parameters<typeof remove>): void => {
  listeners--
  remove(...args)
}

const rows: Record<string, Record<string, number>> = {}
for (const [name, size, times, options] of [
  ['unread, 100 bytes', 100, count, {}],
  ['unread, 200 KB', 200_000, Math.ceil(count / 50), {}],
  ['one signal', 100, count, { signal }],
] as const) {
  const { server, url } = await serverOf(size)
  const client = new Client({ pool: { unreadTimeout: 1_000 } })
  const bytes = await left(times, () => client.get(url, options))
  rows[name] = {
    requests: times,
    'heap per request (bytes)': Math.round(bytes * 10) / 10,
    'resident (MiB)': Math.round(process.memoryUsage().rss / 1_048_576),
    connections: client.connections,
    listeners,
  }
  if (bytes > 20 || listeners !== 0) process.exitCode = 1
  client.abort()
  server.close()
}
console.table(rows)
