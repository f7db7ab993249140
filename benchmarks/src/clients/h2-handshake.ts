// This engine's HTTP/2 without the client package: one connection and one sender for all loops, as a library author writes it.
import { HttpRequest } from '@hyper/core'
import { handshake } from '@hyper/core/h2'
import { connectTcp, nodeRuntime } from '@hyper/util/node'
import { port, runLoops } from './common.ts'

const io = await connectTcp({ host: '127.0.0.1', port })
const { sender } = handshake(io, { runtime: nodeRuntime })
const headers = { host: `127.0.0.1:${port}` }

runLoops(async () => {
  if (!sender.isReady) await sender.ready()
  const response = await sender.send(new HttpRequest('GET', '/', { headers }))
  return response.text()
})
