// This engine without the client package: one connection and one sender per loop, as a library author writes it.
import { h1, HttpRequest } from '@hyper/core'
import { connectTcp, nodeRuntime } from '@hyper/util/node'
import { connections, port, runLoops } from './common.ts'

const senders = await Promise.all(Array.from({ length: connections }, open))
const headers = { host: `127.0.0.1:${port}` }

runLoops(async (slot) => {
  const sender = senders[slot]
  if (sender === undefined) throw new Error('no connection')
  if (!sender.isReady) await sender.ready()
  const response = await sender.send(new HttpRequest('GET', '/', { headers }))
  return response.text()
})

async function open(): Promise<h1.SendRequest> {
  const io = await connectTcp({ host: '127.0.0.1', port })
  return h1.handshake(io, { runtime: nodeRuntime }).sender
}
