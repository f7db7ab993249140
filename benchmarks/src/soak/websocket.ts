// A WebSocket that goes on: every message comes back as it was, and nothing is left behind. In: how many messages, by default
// 10,000 on each row. Out: a row for each protocol, with and without permessage-deflate, and for 100 sockets on one connection
// of HTTP/2: how many came back right, messages per second, CPU of this process (both ends), heap that each has left behind. The
// exit code is 1 when one is wrong. Run by
//   node --expose-gc --conditions source benchmarks/src/soak/websocket.ts [messages]
import { once } from 'node:events'
import { Client } from '@hyper/client'
import { webSocketConnection } from '@hyper/client/websocket'
import { Response, serve } from '@hyper/server'
import { isWebSocket, upgradeWebSocket } from '@hyper/server/websocket'
import { WebSocket, WebSocketServer } from 'ws'

const count = Number(process.argv[2] ?? 10_000)
const { gc } = globalThis
if (gc === undefined) throw new Error('run with --expose-gc')
const SIZES = [1, 125, 126, 1_000, 16_384, 70_000]
const AHEAD = 32
let isWrong = false

async function heap(): Promise<number> {
  for (let i = 0; i < 5; i++) {
    gc!()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return process.memoryUsage().heapUsed
}

function messageOf(index: number): Buffer {
  return Buffer.alloc(SIZES[index % SIZES.length] ?? 1, index)
}

/** Sends so many messages, a few at a time, and gives the number of those that came back as they were. */
function talk(socket: WebSocket, messages: number): Promise<number> {
  return new Promise((resolve) => {
    let [sent, received, right] = [0, 0, 0]
    socket.on('message', (data: Buffer) => {
      if (data.equals(messageOf(received))) right++
      received++
      if (sent < messages) socket.send(messageOf(sent++))
      if (received === messages) resolve(right)
    })
    while (sent < Math.min(AHEAD, messages)) socket.send(messageOf(sent++))
  })
}

async function row(name: string, http2: boolean, perMessageDeflate: boolean, width: number): Promise<void> {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate })
  const server = await serve({
    hostname: '127.0.0.1',
    http2: { enableConnectProtocol: true },
    fetch: (_, context) =>
      isWebSocket(context)
        ? upgradeWebSocket(context, sockets, (socket) => {
            socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
          })
        : new Response('no'),
  })
  const client = new Client({ http2: { priorKnowledge: true } })
  const open = async (): Promise<WebSocket> => {
    const socket = new WebSocket(server.url.replace('http', 'ws'), {
      perMessageDeflate,
      createConnection: webSocketConnection(client, { http2 }),
    })
    await once(socket, 'open')
    return socket
  }
  const close = async (socket: WebSocket): Promise<void> => {
    socket.close(1000)
    await once(socket, 'close')
  }
  const warm = await open()
  await talk(warm, Math.ceil(count / 10))
  await close(warm)
  const before = await heap()
  const opened = await Promise.all(Array.from({ length: width }, open))
  const [cpu, from] = [process.cpuUsage(), performance.now()]
  const each = Math.ceil(count / width)
  const right = (await Promise.all(opened.map((socket) => talk(socket, each)))).reduce(
    (sum, one) => sum + one,
    0,
  )
  const seconds = (performance.now() - from) / 1_000
  const { system, user } = process.cpuUsage(cpu)
  await Promise.all(opened.map(close))
  const left = ((await heap()) - before) / right
  await client.close()
  await server.close({ deadline: 1_000 })
  const sent = each * width
  isWrong ||= right !== sent
  console.log(
    `${name.padEnd(36)} ${right}/${sent} right, ${Math.round(sent / seconds)} per s, ${((user + system) / sent).toFixed(0)} µs CPU each, ${left.toFixed(0)} bytes left each`,
  )
}

await row('HTTP/1.1', false, false, 1)
await row('HTTP/2', true, false, 1)
await row('HTTP/1.1, deflate', false, true, 1)
await row('HTTP/2, deflate', true, true, 1)
await row('HTTP/2, 100 on one connection', true, false, 100)
process.exitCode = isWrong ? 1 : 0
